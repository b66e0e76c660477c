/** The elements for who is logged in. */

import { ApiKeyList } from "./api-key-list.js";
import { AppearOfflineSwitch } from "./appear-offline-switch.js";
import { AttachmentTray } from "./attachment-tray.js";
import { AuditPage } from "./audit-page.js";
import { AvailableSwitch } from "./available-switch.js";
import { ChatWindow } from "./chat-window.js";
import { CompanyPage } from "./company-page.js";
import { CompanyLanguage } from "./company-language.js";
import { CompanySecurity } from "./company-security.js";
import { ContactList } from "./contact-list.js";
import { ContactPage } from "./contact-page.js";
import { ConversationList } from "./conversation-list.js";
import { DndSwitch } from "./dnd-switch.js";
import { GroupDialog } from "./group-dialog.js";
import { ImportDialog } from "./import-dialog.js";
import { LanguageChoice } from "./language-choice.js";
import { LoginList } from "./login-list.js";
import { MessageSearch } from "./message-search.js";
import { NotificationSettings } from "./notification-settings.js";
import { PasskeyList } from "./passkey-list.js";
import { PasswordChange } from "./password-change.js";
import { PictureDialog } from "./picture-dialog.js";
import { PresenceDot } from "./presence-dot.js";
import { ProfileForm } from "./profile-form.js";
import { register } from "./register.js";
import { SecondFactorPanel } from "./second-factor-panel.js";
import { SecurityPage } from "./security-page.js";
import { SitesPage } from "./sites-page.js";
import { SmsDialog } from "./sms-dialog.js";
import { SoftphonePanel } from "./softphone-panel.js";
import { StatusForm } from "./status-form.js";
import { TrashDialog } from "./trash-dialog.js";
import { UserAdvanced } from "./user-advanced.js";
import { UserList } from "./user-list.js";
import { UserPage } from "./user-page.js";
import { WhyDialog } from "./why-dialog.js";
import { YouPanel } from "./you-panel.js";

/** Once the page has its words. Those that others contain come first. */
export function define() {
  register([
    ["presence-dot", PresenceDot],
    ["appear-offline-switch", AppearOfflineSwitch],
    ["available-switch", AvailableSwitch],
    ["dnd-switch", DndSwitch],
    ["status-form", StatusForm],
    ["softphone-panel", SoftphonePanel],
    ["contact-list", ContactList],
    ["message-search", MessageSearch],
    ["contact-page", ContactPage],
    ["import-dialog", ImportDialog],
    ["trash-dialog", TrashDialog],
    ["sms-dialog", SmsDialog],
    ["conversation-list", ConversationList],
    ["attachment-tray", AttachmentTray],
    ["picture-dialog", PictureDialog],
    ["chat-window", ChatWindow],
    ["profile-form", ProfileForm],
    ["user-advanced", UserAdvanced],
    ["user-list", UserList],
    ["user-page", UserPage],
    ["sites-page", SitesPage],
    ["api-key-list", ApiKeyList],
    ["company-language", CompanyLanguage],
    ["company-security", CompanySecurity],
    ["company-page", CompanyPage],
    ["audit-page", AuditPage],
    ["password-change", PasswordChange],
    ["second-factor-panel", SecondFactorPanel],
    ["passkey-list", PasskeyList],
    ["login-list", LoginList],
    ["security-page", SecurityPage],
    ["why-dialog", WhyDialog],
    ["notification-settings", NotificationSettings],
    ["language-choice", LanguageChoice],
    ["group-dialog", GroupDialog],
    ["you-panel", YouPanel],
  ]);
}
