/** The portal starts here: registers the elements, makes the client, and tells it what happens to page and network. */

import "./elements/define.js";
import { PresenceClient } from "./client/index.js";

/** @import { PortalShell } from "./elements/portal-shell.js" */

const client = new PresenceClient({ name: "portal" });

addEventListener("online", () => client.probe());
addEventListener("offline", () => client.probe());
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && client.wake());
addEventListener("storage", ({ key }) => client.isTurn(key) && client.restart());
addEventListener("pagehide", () => client.leavePage());
addEventListener("pageshow", (event) => event.persisted && client.returnToPage());

const shell = /** @type {PortalShell} */ (document.querySelector("portal-shell"));
shell.start(client);
