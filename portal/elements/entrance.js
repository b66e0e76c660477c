/** What is shown to who is not logged in: one card, with one form in it at a time. */

import { focusSoon, h, setChildren } from "./dom.js";
import { mark } from "./icons.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { EmailForm } from "./email-form.js"
 * @import { ForgottenForm } from "./forgotten-form.js"
 * @import { LoginForm } from "./login-form.js"
 * @import { PasswordForm } from "./password-form.js"
 * @import { SecondFactorNeeded } from "../client/protocol.js"
 * @import { SecondStepForm } from "./second-step-form.js"
 */

/** Of links in mails, by what they are for. */
const LINK_PATHS = { password: "/app/password", email: "/app/email" };

export class Entrance {
  #place = h("div");
  #strip = document.createElement("connection-state");
  element = h(
    "main",
    { class: "login" },
    this.#strip,
    h(
      "div",
      { class: "login-card" },
      h("div", { class: "brand" }, mark(), h("h1", {}, words.product)),
      h("p", { class: "tagline" }, words.login.welcome),
      this.#place,
    ),
  );
  #login = /** @type {LoginForm} */ (document.createElement("login-form"));
  /** The token of the link by which this page was opened; "": it was not, or the link is done with. */
  #token = "";
  /** @type {keyof typeof LINK_PATHS} */
  #kind = location.pathname === LINK_PATHS.email ? "email" : "password";

  /** @param {() => void} onLinkDone somebody is done with the link: what would the page show without it? */
  constructor(onLinkDone) {
    this.#strip.setAttribute("variant", "strip");
    this.#strip.hidden = true;
    this.#token = takeToken();
    // Another link of ours, opened in this very window, changes nothing of the address but that part.
    addEventListener("hashchange", () => isLinkPath() && location.reload());
    const { element } = this;
    element.addEventListener("forgotten-wanted", (event) => {
      this.#endLink(onLinkDone);
      this.#showForgotten(/** @type {CustomEvent<string>} */ (event).detail);
    });
    element.addEventListener("login-wanted", (event) => {
      this.#endLink(onLinkDone);
      this.showLogin();
      this.#login.beginAnew(/** @type {CustomEvent<string | null>} */ (event).detail ?? "");
    });
    element.addEventListener("second-step-wanted", (event) =>
      this.#showSecondStep(/** @type {CustomEvent<SecondFactorNeeded>} */ (event).detail),
    );
    element.addEventListener("password-set", (event) => {
      this.#endLink(onLinkDone);
      this.showLogin();
      this.#login.passwordSet(/** @type {CustomEvent<string>} */ (event).detail);
    });
    setChildren(this.#place, this.#login);
    const why = takeSignOn();
    if (why) this.#login.beginAnew(why);
  }

  /** Nobody can log in where the server is not reached. @param {PresenceClient} client */
  tellOfConnection(client) {
    const isMissed = client.connection.attempt > 0 || !navigator.onLine;
    this.#strip.hidden = client.session.state !== "unknown" || !isMissed;
  }

  /** Whether a link is in front of everything else. */
  get hasLink() {
    return this.#token !== "";
  }

  get title() {
    if (!this.hasLink) return words.login.title;
    return this.#kind === "email" ? words.email.title : words.newPassword.title;
  }

  showLogin() {
    setChildren(this.#place, this.#login);
    focusSoon(this.#login);
  }

  /** @param {PresenceClient} client */
  showLink(client) {
    const form = /** @type {PasswordForm | EmailForm} */ (document.createElement(`${this.#kind}-form`));
    setChildren(this.#place, form);
    void form.open(client, this.#token);
  }

  /** @param {SecondFactorNeeded} step */
  #showSecondStep(step) {
    const { client } = this.#login;
    const form = /** @type {SecondStepForm} */ (document.createElement("second-step-form"));
    setChildren(this.#place, form);
    if (client) void form.open(client, step);
  }

  /** @param {string} login */
  #showForgotten(login) {
    const form = /** @type {ForgottenForm} */ (document.createElement("forgotten-form"));
    form.begin(login);
    setChildren(this.#place, form);
    focusSoon(form);
  }

  /** @param {() => void} done */
  #endLink(done) {
    if (!this.hasLink) return;
    this.#token = "";
    history.replaceState(null, "", "/");
    done();
  }
}

/** Why a company's own login did not lead in; "": it did, or was not asked. */
function takeSignOn() {
  const [name, why = ""] = location.hash.slice(1).split("=");
  if (name !== "sign-on") return "";
  history.replaceState(null, "", location.pathname);
  return words.login.signOn[/** @type {"over"} */ (why)] ?? words.login.signOn.denied;
}

/** Out of the address at once: it stands in the history, and may be seen over a shoulder. */
function takeToken() {
  if (!isLinkPath()) return "";
  const token = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  return token;
}

function isLinkPath() {
  return Object.values(LINK_PATHS).includes(location.pathname);
}
