/** Registers what a page embeds. Harmless if another copy, or the portal itself, has done so on the same page. */

import { AttachmentTray } from "../elements/attachment-tray.js";
import { ConversationList } from "../elements/conversation-list.js";
import { GroupDialog } from "../elements/group-dialog.js";
import { MessageSearch } from "../elements/message-search.js";
import { PictureDialog } from "../elements/picture-dialog.js";
import { register } from "../elements/register.js";
import { SmsDialog } from "../elements/sms-dialog.js";
import { WhyDialog } from "../elements/why-dialog.js";
import { ChatDock } from "./chat-dock.js";
import { EmbeddedDot } from "./embedded-dot.js";
import { EmbeddedList } from "./embedded-list.js";
import { EmbeddedSwitch } from "./embedded-switch.js";
import { EmbeddedWindow } from "./embedded-window.js";
import { PresenceList } from "./presence-list.js";
import { PresenceSession } from "./presence-session.js";
import { SoftphoneStatus } from "./softphone-status.js";

export function define() {
  register([
    ["presence-session", PresenceSession],
    ["presence-dot", EmbeddedDot],
    ["attachment-tray", AttachmentTray],
    ["picture-dialog", PictureDialog],
    ["message-search", MessageSearch],
    ["sms-dialog", SmsDialog],
    ["conversation-list", ConversationList],
    ["group-dialog", GroupDialog],
    ["why-dialog", WhyDialog],
    ["chat-window", EmbeddedWindow],
    ["chat-dock", ChatDock],
    ["presence-list", PresenceList],
    ["contact-list", EmbeddedList],
    ["dnd-switch", EmbeddedSwitch],
    ["softphone-status", SoftphoneStatus],
  ]);
}
