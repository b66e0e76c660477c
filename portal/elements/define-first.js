/** The elements that the page shows before anybody is logged in: they come first, and are all that the first look waits for. */

import { ConnectionState } from "./connection-state.js";
import { EmailForm } from "./email-form.js";
import { ForgottenForm } from "./forgotten-form.js";
import { LoginForm } from "./login-form.js";
import { PasswordForm } from "./password-form.js";
import { PortalShell } from "./portal-shell.js";
import { register } from "./register.js";
import { SecondStepForm } from "./second-step-form.js";

/** Once the page has its words. */
export function defineFirst() {
  register([
    ["connection-state", ConnectionState],
    ["login-form", LoginForm],
    ["forgotten-form", ForgottenForm],
    ["email-form", EmailForm],
    ["password-form", PasswordForm],
    ["second-step-form", SecondStepForm],
    ["portal-shell", PortalShell],
  ]);
}
