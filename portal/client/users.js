/**
 * Other users, for who manages them: lists, profiles, and what can be done to somebody. What was opened is read again when
 * the server says that it changed.
 */

import { Refused } from "./errors.js";
import { PATHS } from "./paths.js";

/**
 * @import { AccountChange, AccountState, AuditPage, NewSite, NewUserAccount, Profile, ProfileEdit, SiteEdit, SiteList, SiteSettings, UserAccount, UserAdded, UsersPage } from "./protocol.js"
 * @import { Http } from "./http.js"
 */

/**
 * @typedef {object} UsersChoice
 * @property {string} search
 * @property {string} site empty: any
 * @property {string} status empty: any
 * @property {string} scope empty: any
 * @property {"name" | "extension" | "department"} sort
 *
 * @typedef {object} AuditChoice
 * @property {number} user 0: anybody
 * @property {string} action empty: any; with a dot at its end all that begin with it
 * @property {string} since RFC 3339; empty: the beginning
 * @property {string} until
 */

const PAGE = 50;

export class Users {
  /** Those that were opened, by user. @type {Map<number, Profile>} */
  profiles = new Map();

  #http;
  #changed;
  /** Here: nobody needs to be asked about them any more. @type {Set<number>} */
  #erased = new Set();

  /**
   * @param {Http} http
   * @param {(users: ReadonlySet<number> | null) => void} changed null: perhaps all
   */
  constructor(http, changed) {
    this.#http = http;
    this.#changed = changed;
  }

  /**
   * @param {UsersChoice} choice
   * @param {string | null} after `next` of the page before
   * @returns {Promise<UsersPage>}
   */
  list({ search, site, status, scope, sort }, after = null) {
    const query = { search: search.trim() || null, site: site || null, status: status || null, scope: scope || null };
    return this.#http.get(PATHS.users, { ...query, sort, after, limit: PAGE });
  }

  /** @param {number} user @returns {Promise<Profile>} rejects with `Refused`: `not_found` for who is not within reach */
  async read(user) {
    if (this.#erased.has(user)) throw new Refused({ code: "not_found", message: "" });
    const profile = await this.#http.get(PATHS.user(user));
    this.#keep(profile);
    return profile;
  }

  /** @param {number} user @param {ProfileEdit} edit @returns {Promise<Profile>} */
  async save(user, edit) {
    const profile = await this.#http.patch(PATHS.user(user), edit);
    this.#keep(profile);
    return profile;
  }

  /** @param {number} user @param {Blob | null} file null: no photo any more @returns {Promise<Profile>} */
  async setPhoto(user, file) {
    const path = PATHS.photo(user);
    const profile = await (file ? this.#http.putFile(path, file) : this.#http.remove(path));
    this.#keep(profile);
    return profile;
  }

  /** Another mail to an address that waits to be confirmed. @param {number | null} user null: oneself @param {string} email */
  async askConfirmation(user, email) {
    await this.#http.post(user === null ? PATHS.confirmation : PATHS.confirmationOf(user), { email });
  }

  /** @param {number} user @returns {Promise<UserAccount>} */
  welcome(user) {
    return this.#http.post(PATHS.welcome(user));
  }

  /** @param {number} user @param {boolean} sendMail @returns {Promise<UserAccount>} */
  resetPassword(user, sendMail) {
    return this.#http.post(PATHS.passwordReset(user), { send_mail: sendMail });
  }

  /** For somebody who has lost it. @param {number} user @returns {Promise<void>} */
  async turnOffSecondFactor(user) {
    await this.#http.remove(PATHS.secondFactorOf(user));
  }

  /** @param {number} user @param {string[]} what @returns {Promise<UserAccount>} */
  reset(user, what) {
    return this.#http.post(PATHS.reset(user), { what });
  }

  /** @param {NewUserAccount} user @returns {Promise<UserAdded>} */
  add(user) {
    return this.#http.post(PATHS.users, user);
  }

  /** Who may log in, and with which role. @param {number} user @param {AccountChange} change @returns {Promise<AccountState>} */
  async changeAccount(user, change) {
    const state = await this.#http.patch(PATHS.account(user), change);
    await this.read(user);
    return state;
  }

  /** With their data, for good. @param {number} user @param {boolean} messages and what they wrote */
  async erase(user, messages) {
    this.#erased.add(user);
    try {
      await this.#http.remove(`${PATHS.user(user)}?messages=${messages}`);
    } catch (error) {
      this.#erased.delete(user);
      throw error;
    }
    this.#lose(user);
  }

  /** @returns {Promise<SiteList>} */
  sites() {
    return this.#http.get(PATHS.sites);
  }

  /** @param {NewSite} site @returns {Promise<SiteSettings>} */
  addSite(site) {
    return this.#http.post(PATHS.sites, site);
  }

  /** @param {string} name @param {SiteEdit} edit @returns {Promise<SiteSettings>} */
  editSite(name, edit) {
    return this.#http.patch(PATHS.site(name), edit);
  }

  /** @param {string} name @returns {Promise<void>} */
  async removeSite(name) {
    await this.#http.remove(PATHS.site(name));
  }

  /** What was done, the newest first. @param {AuditChoice} choice @param {string | null} [after] @returns {Promise<AuditPage>} */
  audit(choice, after = null) {
    return this.#http.get(PATHS.audit, { ...auditQuery(choice), after, limit: PAGE });
  }

  /** Where it is taken along. @param {AuditChoice} choice @param {"csv" | "json"} format */
  auditExport(choice, format) {
    const query = Object.entries({ ...auditQuery(choice), format }).filter(([, value]) => value !== null);
    return `${PATHS.auditExport}?${new URLSearchParams(query.map(([name, value]) => [name, String(value)]))}`;
  }

  /** @param {readonly number[] | undefined} users who changed; empty: too many to name */
  apply(users) {
    const named = users?.length ? new Set(users) : null;
    for (const user of this.profiles.keys()) {
      if (!named || named.has(user)) void this.read(user).catch((error) => error instanceof Refused && !error.temporary && this.#lose(user));
    }
    this.#changed(named);
  }

  /** @param {Profile} profile */
  #keep(profile) {
    const known = this.profiles.get(profile.user);
    if (known && known.rev > profile.rev) return;
    this.profiles.set(profile.user, profile);
    this.#changed(new Set([profile.user]));
  }

  /** Out of reach by now. @param {number} user */
  #lose(user) {
    this.profiles.delete(user);
    this.#changed(new Set([user]));
  }
}

/** @param {AuditChoice} choice */
function auditQuery({ user, action, since, until }) {
  return { user: user || null, action: action || null, since: since || null, until: until || null };
}
