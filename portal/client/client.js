/**
 * The client: one user's presence, directory and conversations, live.
 *
 * It plugs the parts together and decides what follows from what: who is logged in (Http), the connection (Socket), and
 * which event changes which state. Pages listen to its topics and read its states; both are safe to do at any time.
 */

import { waitBefore } from "./backoff.js";
import { Conversations } from "./conversations.js";
import { Contacts } from "./contacts.js";
import { Coworkers } from "./coworkers.js";
import { Emitter } from "./emitter.js";
import { Refused } from "./errors.js";
import { Http } from "./http.js";
import { Imports } from "./imports.js";
import { Keepsakes } from "./keepsakes.js";
import { Memory } from "./memory.js";
import { Notifications } from "./notifications.js";
import { Passkeys } from "./passkeys.js";
import { PasswordLinks } from "./password-links.js";
import { Company } from "./company.js";
import { Security } from "./security.js";
import { PATHS } from "./paths.js";
import { PeoplePages, peopleOf, queryOf } from "./people-pages.js";
import { CloseCode } from "./protocol.js";
import { Remembering } from "./remembering.js";
import { Socket } from "./socket.js";
import { Softphone } from "./softphone.js";
import { Tokens } from "./tokens.js";
import { Uploads } from "./uploads.js";
import { Users } from "./users.js";
import { Watching, worthWatching } from "./watching.js";
import { EMPTY as EMPTY_BOOKS, everyContact } from "./state/books.js";
import { everybody } from "./state/directory.js";
import * as presence from "./state/presence.js";

/**
 * @import { AnyEvent, Connected, Coworker, EndReason, Explanation, Import, Heartbeat, LoggedIn, Me, PresenceChanged, Profile, ProfileEdit, SignOnOffer, SmsNumber, TotpSetUp } from "./protocol.js"
 * @import { Person } from "./people.js"
 * @import { KnownPresence } from "./state/presence.js"
 * @import { Phase, Request } from "./socket.js"
 * @import { TokenSource } from "./tokens.js"
 */

/**
 * @typedef {object} Session
 * @property {"unknown" | "out" | "in"} state unknown: the server was not reached yet
 * @property {Me | null} me
 * @property {EndReason | "not_logged_in" | "no_token" | null} ended why it ended, if it did not end here; `no_token`: it
 *   never began, since nobody gave a token
 *
 * @typedef {object} Topics
 * @property {Session} session
 * @property {Phase} connection
 * @property {ReadonlySet<number> | null} presence the users concerned; null: all
 * @property {null} directory who coworkers are, and how this user names them
 * @property {null} contacts
 * @property {Import} import
 * @property {number | null} chat the conversation concerned; null: the list
 * @property {Profile | null} profile
 * @property {null} softphone
 * @property {number} uploads the conversation concerned
 * @property {null} notifications
 * @property {ReadonlySet<number> | null} users those whom one manages, and who changed; null: perhaps all
 *
 * @typedef {object} Options
 * @property {string} [base] the server's origin, if it is not this page's
 * @property {string} [name] what the client calls itself
 * @property {TokenSource} [token] who is logged in, instead of the cookie; even `null` means: never the cookie
 * @property {boolean} [chats] whether there is a place to chat in: only then the user can be seen as available for chat
 * @property {Storage | null} [storage]
 * @property {Pick<Memory, "recall" | "keep" | "forget"> | null} [memory] what is known is kept there for a start without
 *   a connection; null: nowhere. With a token nothing is kept unless a memory is given
 * @property {Http} [http]
 * @property {typeof WebSocket} [webSocket] where there is none built in
 * @property {Partial<import("./socket.js").Surroundings>} [around]
 */

const RETRY_AFTER = 3_000;
/** Who waits longer for the connection is shown what is remembered, in milliseconds. */
const PATIENCE = 1_000;
/** So many tokens are tried one after the other; then somebody has to look into it. */
const MOST_REFUSALS = 2;
/** Coworkers who are found at once. */
const FOUND = 20;

/** @extends {Emitter<Topics>} */
export class PresenceClient extends Emitter {
  /** @type {Session} */
  session = { state: "unknown", me: null, ended: null };
  /** What the server told at connect: limits, permissions, features. @type {Connected | null} */
  connected = null;
  /** @type {Profile | null} */
  profile = null;
  presence = presence.EMPTY;
  /** @type {Conversations} */
  conversations;
  /** @type {Coworkers} */
  coworkers;
  /** @type {Contacts} */
  contacts;
  /** @type {Imports} */
  imports;
  /** @type {Softphone} */
  softphone;
  /** @type {Notifications} */
  notifications;
  /** From which this user may send text messages. @type {readonly SmsNumber[]} */
  smsNumbers = [];
  /** @type {Uploads} */
  uploads;
  /** Those whom one manages. @type {Users} */
  users;

  #base;
  #http;
  #socket;
  #around;
  #storage;
  #name;
  #settings;
  #watching;
  /** Where a token says who is logged in. @type {Tokens | null} */
  #tokens = null;
  #chats;
  /** By who shows them. @type {Map<unknown, readonly number[]>} */
  #lookedAt = new Map();
  #overlays = EMPTY_BOOKS.overlays;
  /** Tokens that were refused since the connection was last live. */
  #refusals = 0;
  /** Counts beginnings with a token, so that one that was overtaken is not gone on with. */
  #beginnings = 0;
  #ended = /** @type {EndReason | null} */ (null);
  #remembering;
  /** Of when everything here is, as long as it is only remembered, in milliseconds; 0: it is not. */
  #recalledOf = 0;
  /** Of the database: everything here that has a number has it in there. Empty: nothing is known yet. */
  #timeline = "";

  /** @param {Options} [options] */
  constructor({ base = "", name = "portal", storage, memory, token, chats = true, http, webSocket, around: given = {} } = {}) {
    super();
    const around = { ...(webSocket ? { open: openerOf(webSocket) } : {}), ...given };
    if (!around.open && !globalThis.WebSocket) throw new Error("There is no WebSocket here: give one as `webSocket`.");
    this.#base = base;
    this.#tokens = token === undefined ? null : new Tokens(token);
    this.#chats = chats;
    this.#http = http ?? new Http({ base, tokens: this.#tokens });
    this.#name = name;
    this.#storage = storage;
    this.#around = {
      now: () => Date.now(),
      setTimer: (/** @type {() => void} */ run, /** @type {number} */ after) => setTimeout(run, after),
      clearTimer: (/** @type {any} */ timer) => clearTimeout(timer),
      ...around,
    };
    this.#settings = new Keepsakes("settings", storage);
    const remembers = memory === undefined ? (this.#tokens ? null : new Memory()) : memory;
    this.#remembering = remembers && new Remembering(remembers, () => this.#known(), this.#around);
    this.#socket = new Socket(socketAddress(base), () => this.#hello(), around);
    this.#watching = new Watching(
      (op, fields, timeout) => this.#socket.request(op, fields, timeout),
      this.#around.setTimer,
      () => worthWatching(this.me, [...this.#lookedAt.values()].flat(), this.conversations.state, this.coworkers.state),
      (users) => (this.presence = presence.expect(this.presence, users)),
      () => this.emit("presence", null),
    );
    this.on("chat", () => this.#watching.update());
    this.on("directory", () => this.#watching.update());
    this.on("directory", () => this.#count());
    this.on("contacts", () => this.#count());
    for (const topic of /** @type {const} */ (["chat", "directory", "contacts", "profile"])) this.on(topic, () => this.#remembering?.changed());
    this.#socket.on("phase", (phase) => this.#phaseChanged(phase));
    this.#socket.on("connected", (reply) => this.#cameLive(reply));
    this.#socket.on("event", (event) => this.#happened(event));
    this.notifications = this.#freshNotifications();
    this.users = this.#freshUsers();
    this.passwords = new PasswordLinks(this.#http);
    this.security = new Security(this.#http);
    this.company = new Company(this.#http);
    this.passkeys = new Passkeys(this.#http);
    this.uploads = new Uploads({
      base,
      makeRequest: () => new XMLHttpRequest(),
      authorization: () => this.#http.authorization,
      remove: (path) => this.#http.remove(path),
      limits: () => this.connected?.limits ?? null,
      changed: (conversation) => this.emit("uploads", conversation),
    });
    this.imports = new Imports(this.#http, base, () => new XMLHttpRequest());
    ({
      conversations: this.conversations,
      coworkers: this.coworkers,
      contacts: this.contacts,
      softphone: this.softphone,
    } = this.#parts(null));
  }

  /** @returns {Phase} */
  get connection() {
    return this.#socket.phase;
  }

  /**
   * Who is on the screen: in a very large domain these are told first.
   *
   * @param {readonly number[]} users
   * @param {unknown} [by] who shows them, if not everything is shown by one
   */
  lookAt(users, by = null) {
    if (users.length > 0) this.#lookedAt.set(by, users);
    else this.#lookedAt.delete(by);
    this.#watching.update();
  }

  /** Whether there are too many people to have all of them here. */
  get isLarge() {
    return this.coworkers.isLarge;
  }

  /**
   * For lists in a domain that is too large to have everybody here.
   *
   * @param {() => void} changed
   * @param {{countsGroups?: boolean}} [options]
   */
  peoplePages(changed, options) {
    const { setTimer, clearTimer } = this.#around;
    const around = {
      ...this.#aroundPeople(),
      changed,
      setTimer,
      clearTimer,
      random: Math.random,
      isHidden: () => globalThis.document?.hidden ?? false,
    };
    return new PeoplePages(this.#http, around, options);
  }

  /**
   * Coworkers by what somebody types of them, as the server finds them.
   *
   * @param {string} search
   * @returns {Promise<Person[]>} the first of them by name
   */
  async findCoworkers(search) {
    const choice = { group: "coworkers", status: /** @type {const} */ ("all"), search, sort: /** @type {const} */ ("name"), descending: false };
    return peopleOf(await this.#http.get(PATHS.people, queryOf(choice, FOUND, null)), this.#aroundPeople());
  }

  #aroundPeople() {
    return {
      presenceOf: (/** @type {number} */ user) => this.presenceOf(user),
      learn: (/** @type {Coworker[]} */ coworkers) => this.coworkers.learn(coworkers),
    };
  }

  /** Whether something may be offered. The server decides when it is done. @param {string} permission */
  may(permission) {
    return (this.connected?.permissions ?? this.session.me?.permissions)?.includes(permission) ?? false;
  }

  get isLive() {
    return this.#socket.isLive;
  }

  get me() {
    return this.session.me?.user ?? 0;
  }

  /** Whether somebody is logged in here, as far as this browser knows without the server. */
  get isExpected() {
    return this.session.me !== null || this.#settings.get("in") !== null;
  }

  /** Whether this window may be chatted with. */
  get isAvailable() {
    return this.#chats && this.#settings.get("available") !== "no";
  }

  /** There is a place to chat in now, or none any more. @param {boolean} chats */
  setChats(chats) {
    if (this.#chats === chats) return;
    this.#chats = chats;
    if (this.isLive) this.#socket.request("set_available", { available: this.isAvailable }).catch(() => undefined);
  }

  /**
   * Connects as whoever is logged in. Who that is (`in` or `out`) is told by the topic `session`; until the server was
   * reached it is `unknown`.
   */
  start() {
    if (this.#tokens) return void this.#startWithToken(0);
    if (this.#settings.get("leaving")) return void this.#finishLeaving();
    this.#around.setTimer(() => void this.#recall(), PATIENCE);
    this.#socket.start();
  }

  // ------------------------------------------------------------ what is remembered

  /** While there is no connection: how things were. */
  async #recall() {
    const isWaited = () => this.session.state === "unknown" && !this.isLive && !this.#tokens;
    if (!this.#remembering || !isWaited()) return;
    const known = await this.#remembering.recall();
    if (!known || !isWaited()) return;
    const { me, seen, profile, directory, contacts, chat, timeline } = known;
    this.#forgetStates(me);
    this.#recalledOf = seen;
    this.#timeline = timeline;
    this.profile = profile;
    // Where not everybody is here, those are listed of whom something is known.
    this.coworkers.state = { ...directory, complete: true };
    this.contacts.state = { ...contacts, complete: true };
    this.conversations.recall(chat);
    this.#become({ state: "in", me, ended: null });
    for (const topic of /** @type {const} */ (["directory", "contacts", "chat", "presence"])) this.emit(topic, null);
    this.emit("profile", profile);
    this.#socket.lastHeard(seen);
  }

  /** What there is to remember. @returns {import("./remembering.js").Known | null} */
  #known() {
    const { me } = this.session;
    const isComplete = this.conversations.state.loaded && (this.coworkers.state.complete || this.isLarge);
    if (!me || me.masked_by || !this.isLive || !isComplete) return null;
    const seen = this.#socket.heardAt;
    const { coworkers, contacts, conversations, profile } = this;
    const timeline = this.#timeline;
    return { me, seen, profile, directory: coworkers.state, contacts: contacts.state, chat: conversations.state, timeline };
  }

  /** Somebody logged out where the server could not be told: that comes before anything else. */
  async #finishLeaving() {
    this.#leave(null);
    while (this.#settings.get("leaving")) {
      try {
        await this.#http.post(PATHS.logout);
        this.#settings.set("leaving", null);
      } catch (error) {
        if (error instanceof Refused && !error.temporary) this.#settings.set("leaving", null);
        else await new Promise((resolve) => this.#around.setTimer(() => resolve(null), RETRY_AFTER));
      }
    }
  }

  /** Whoever this token belongs to is logged in now; nothing: nobody is. @param {TokenSource} token */
  useToken(token) {
    this.#tokens ??= new Tokens(token);
    this.#tokens.use(token);
    this.#refusals = 0;
    this.#socket.stop();
    if (this.session.state === "out") this.#become({ state: "unknown", me: null, ended: null });
    this.start();
  }

  /**
   * @param {number} attempt how often asking for a token has failed
   */
  async #startWithToken(attempt) {
    const tokens = this.#tokens;
    if (!tokens) return;
    const beginning = ++this.#beginnings;
    const isOvertaken = () => beginning !== this.#beginnings;
    try {
      const token = await tokens.get();
      if (isOvertaken()) return;
      if (token) this.#socket.start();
      else this.#leave(this.#refusals > 0 ? "not_logged_in" : "no_token");
    } catch {
      // The page's own server does not answer: that may pass, and says nothing about who is logged in.
      const again = () => isOvertaken() || void this.#startWithToken(attempt + 1);
      this.#around.setTimer(again, waitBefore(attempt, Math.random()));
    }
  }

  /**
   * @param {string} login `name@domain`
   * @param {string} password
   * @returns {Promise<void>} rejects with `Refused` (`wrong_credentials`, ...), `NotConnected` or `TimedOut`; if it is
   *   refused with `second_factor_required`, it goes on with what `secondFactorOf` (http.js) gives
   */
  async login(login, password) {
    this.enter(await this.#http.post(PATHS.login, { login, password }));
  }

  /**
   * The second step of a login. `enter` goes in with the answer, once its recovery codes, if there are any, were shown.
   *
   * @param {string} token
   * @param {string} code
   * @returns {Promise<LoggedIn>}
   */
  finishLogin(token, code) {
    return this.#http.post(PATHS.secondStep, { token, code });
  }

  /** @param {string} token @returns {Promise<TotpSetUp>} */
  setUpToLogIn(token) {
    return this.#http.post(PATHS.setUpToLogIn, { token });
  }

  /** How people of this domain can log in, besides a password. @param {string} domain @returns {Promise<SignOnOffer>} */
  offeredBy(domain) {
    return this.#http.get(PATHS.signOn, { domain });
  }

  /** @param {string} domain @returns {Promise<string>} where this browser has to go; it comes back logged in */
  async beginSignOn(domain) {
    const { url } = await this.#http.post(PATHS.signOn, { domain });
    this.#settings.set("in", "yes");
    return url;
  }

  /** @param {LoggedIn} answer */
  enter(answer) {
    this.#settings.set("leaving", null);
    // It may still be connecting as who is not logged in.
    this.#socket.stop();
    this.#enter(answer.me);
    this.#socket.start();
  }

  /** Ends the session. What was written and not sent is forgotten: the next one at this screen may be somebody else. */
  async logout() {
    await this.softphone.unregister().catch(() => undefined);
    this.#socket.stop();
    try {
      await this.#http.postOnLeaving(PATHS.logout);
    } catch (error) {
      if (!this.#tokens && !(error instanceof Refused && !error.temporary)) this.#settings.set("leaving", "yes");
      throw error;
    } finally {
      this.#tokens?.use(null);
      this.#keepsakes(this.session.me).clear();
      this.#leave(null);
    }
  }

  /**
   * Acts as somebody of a lower scope, until `endMask`.
   *
   * @param {number} user
   */
  async mask(user) {
    await this.#becomeBy(PATHS.mask(user));
  }

  /** Takes the mask off: oneself again. */
  async endMask() {
    await this.#becomeBy(PATHS.endMask);
  }

  /** The cookie is somebody else's by now: everything begins anew. */
  restart() {
    this.#becameSomebodyElse();
  }

  /** @param {string} path what gives this browser another cookie */
  async #becomeBy(path) {
    // Before the server ends the login that this connection belongs to: that would look like being thrown out.
    this.#socket.stop();
    try {
      /** @type {LoggedIn} */
      const answer = await this.#http.postAlone(path);
      this.#enter(answer.me);
      this.#settings.set("turn", String(this.#around.now()));
    } finally {
      this.#socket.start();
    }
  }

  /** Whether another window of this browser says that the cookie is somebody else's by now. @param {string | null} key of its storage */
  isTurn(key) {
    return key === this.#settings.keyOf("turn");
  }

  retryNow() {
    this.#socket.retryNow();
  }

  /** The network came or went: is the connection still true? */
  probe() {
    this.#socket.probe();
  }

  /** The page is looked at again, perhaps after the machine has slept. */
  wake() {
    this.#socket.wake();
  }

  /** The page goes away. */
  leavePage() {
    this.#remembering?.keep();
    this.softphone.leave();
  }

  /** The page is not looked at any more, and may never be again. */
  sleep() {
    this.#remembering?.keep();
  }

  /** The page is back from the browser's memory. */
  returnToPage() {
    if (this.isLive) this.softphone.resume();
    this.probe();
  }

  /**
   * @param {number} user
   * @returns {KnownPresence}
   */
  presenceOf(user) {
    if (this.#recalledOf) return presence.unknownSince(user, Math.floor(this.#recalledOf / 1_000));
    return this.#watching.covers(user) ? presence.presenceOf(this.presence, user) : presence.unknown(user);
  }

  /**
   * The conversation with a number outside.
   *
   * @param {string} to as somebody dials it
   * @param {string} from one of `smsNumbers`; empty: the first
   * @returns {Promise<number>}
   */
  async openSms(to, from) {
    const { conversation } = await this.#http.post(PATHS.smsConversations, { to, from });
    return conversation;
  }

  async #readSmsNumbers() {
    this.smsNumbers = (await this.#http.get(PATHS.smsNumbers)).items;
    this.emit("chat", null);
  }

  /**
   * Somewhere a picture or link can lead to, for an address of `addressOf`, `previewOf` or `exportOf`. Where a token says
   * who is logged in, the browser would go there without it: the file is read here, and the place is in this page.
   *
   * @param {string} address
   * @returns {Promise<string>} to be given to `URL.revokeObjectURL` if it begins with `blob:`
   */
  async openable(address) {
    if (!this.usesToken) return address;
    return URL.createObjectURL(await this.#http.blob(address.slice(this.#base.length)));
  }

  get usesToken() {
    return this.#tokens !== null;
  }

  /**
   * Where a conversation is taken along.
   *
   * @param {number} conversation
   * @param {"json" | "text"} format
   */
  exportOf(conversation, format) {
    return this.#base + PATHS.exported(conversation, format);
  }

  /** Where a file is read. @param {string} file */
  addressOf(file) {
    return this.#base + PATHS.file(file);
  }

  /**
   * Where a picture is looked at.
   *
   * @param {string} file
   * @param {"small" | "large"} size
   */
  previewOf(file, size) {
    return this.#base + PATHS.preview(file, size);
  }

  /** @param {boolean} on */
  setDnd(on) {
    return this.#socket.request("set_dnd", { on });
  }

  /** One's own record keeps the truth; the others see one as offline. @param {boolean} on */
  setAppearOffline(on) {
    return this.#socket.request("set_appear_offline", { on });
  }

  /**
   * Whether to offer `why`. Whom it reaches in the end is for the server to say.
   *
   * @param {number} user
   */
  mayAskWhy(user) {
    return user === this.me || (this.connected?.permissions.includes("presence.explain") ?? false);
  }

  /**
   * What is behind somebody's colour, and the colours of the last day.
   *
   * @param {number} user
   * @returns {Promise<Explanation>} rejects with `Refused`: `not_allowed` for those whom one does not manage
   */
  async why(user) {
    return (await this.#socket.request("why", { user })).explanation;
  }

  /** @param {string} message empty: none */
  setStatus(message) {
    return this.#socket.request("set_status", { message });
  }

  /**
   * Whether this window may be chatted with: remembered, and told again at every connect.
   *
   * @param {boolean} available
   */
  async setAvailable(available) {
    await this.#socket.request("set_available", { available });
    this.#settings.set("available", available ? null : "no");
  }

  async readProfile() {
    this.profile = await this.#http.get(PATHS.profile);
    this.emit("profile", this.profile);
    return this.profile;
  }

  /** @param {ProfileEdit} edit */
  async saveProfile(edit) {
    this.profile = await this.#http.patch(PATHS.profile, edit);
    const me = this.session.me;
    if (me && this.profile) {
      const { first_name, last_name } = this.profile;
      this.#become({ ...this.session, me: { ...me, first_name, last_name } });
    }
    this.emit("profile", this.profile);
  }

  /**
   * Shows another photo, or none.
   *
   * @param {Blob | null} file
   */
  async setPhoto(file) {
    this.profile = await (file ? this.#http.putFile(PATHS.ownPhoto, file) : this.#http.remove(PATHS.ownPhoto));
    this.emit("profile", this.profile);
  }

  /**
   * Where somebody's photo is; empty: there is none, or it is not known here, or no cookie would go along with an address.
   * Another photo has another address.
   *
   * @param {number} user
   */
  photoOf(user) {
    const own = user === this.me ? this.profile : null;
    const photo = (own ?? this.users.profiles.get(user) ?? this.coworkers.state.people.get(user))?.photo ?? 0;
    return photo && !this.#http.authorization ? `${this.#base}${PATHS.photo(user)}?rev=${photo}` : "";
  }

  /** @param {Session} session */
  #become(session) {
    this.session = session;
    if (!this.#tokens && session.state !== "unknown") this.#settings.set("in", session.me && "yes");
    this.emit("session", session);
  }

  #hello() {
    return {
      ...(this.#tokens ? { token: this.#tokens.current } : {}),
      client: this.#name,
      available: this.isAvailable,
      presence: presence.positionOf(this.presence),
      conversations: this.conversations.positions(),
      changes: this.conversations.changes(),
      contacts: this.contacts.position(),
      timeline: this.#timeline,
    };
  }

  /** @param {Me} me */
  #enter(me) {
    if (!isSame(this.session.me, me)) this.#forgetStates(me);
    this.#ended = null;
    this.#become({ state: "in", me, ended: null });
  }

  /** @param {Session["ended"]} ended */
  #leave(ended) {
    this.#socket.stop();
    this.#remembering?.forget();
    this.#forgetStates(null);
    this.#become({ state: "out", me: null, ended });
  }

  /** @param {Me | null} me */
  #forgetStates(me) {
    this.#recalledOf = 0;
    this.#timeline = "";
    this.coworkers.stop();
    this.contacts.stop();
    this.softphone.stop();
    this.uploads.stop();
    this.smsNumbers = [];
    this.notifications = this.#freshNotifications();
    this.users = this.#freshUsers();
    this.presence = presence.EMPTY;
    this.profile = null;
    this.connected = null;
    ({
      conversations: this.conversations,
      coworkers: this.coworkers,
      contacts: this.contacts,
      softphone: this.softphone,
    } = this.#parts(me));
    this.emit("presence", null);
    this.emit("directory", null);
    this.emit("contacts", null);
    this.emit("chat", null);
  }

  /** @param {Me | null} me */
  #parts(me) {
    const { now, setTimer, clearTimer } = this.#around;
    const request = this.#request;
    const isLive = () => this.isLive;
    const kept = this.#keepsakes(me);
    return {
      conversations: new Conversations(me?.user ?? 0, kept, {
        request,
        isLive,
        marksToldUpTo: () => this.connected?.limits.told_marks_members ?? 0,
        now,
        setTimer,
        changed: (conversation) => this.emit("chat", conversation),
      }),
      ...this.#people(),
      softphone: new Softphone(kept, {
        request,
        isLive,
        setTimer,
        clearTimer,
        changed: () => this.emit("softphone", null),
      }),
    };
  }

  /** @type {Request} */
  #request = (op, fields, timeout) => this.#socket.request(op, fields, timeout);

  #people() {
    const { setTimer } = this.#around;
    return {
      coworkers: new Coworkers(this.#http, this.#request, () => this.emit("directory", null), setTimer),
      contacts: new Contacts(this.#http, () => this.#contactsChanged(), setTimer),
    };
  }

  /** Another database took over: what it has by a number is not what is known here by that. All of it is read again. */
  #beginAnew() {
    this.coworkers.stop();
    this.contacts.stop();
    ({ coworkers: this.coworkers, contacts: this.contacts } = this.#people());
    this.conversations.beginAnew();
  }

  #contactsChanged() {
    this.emit("contacts", null);
    const { overlays } = this.contacts.state;
    if (overlays === this.#overlays) return;
    this.#overlays = overlays;
    this.emit("directory", null);
  }

  #freshNotifications() {
    return new Notifications(this.#http, () => this.emit("notifications", null));
  }

  #freshUsers() {
    return new Users(this.#http, (users) => this.emit("users", users));
  }

  /** @param {Me | null} me */
  #keepsakes(me) {
    // Behind a mask nothing is left behind, and nothing of the user's found.
    return new Keepsakes(me ? `${me.domain}/${me.user}` : "nobody", me && !me.masked_by ? this.#storage : null);
  }

  /** @param {Connected} reply */
  #cameLive(reply) {
    this.#refusals = 0;
    const { me } = this.session;
    if (me && !isSame(me, reply)) return this.#becameSomebodyElse();
    if (!me) this.#enter(meFrom(reply));
    const isAnother = this.#timeline !== "" && this.#timeline !== (reply.timeline ?? "");
    this.#timeline = reply.timeline ?? "";
    if (isAnother) this.#beginAnew();
    this.connected = reply;
    this.presence = presence.doubt(this.presence, 0);
    this.#watching.resume(reply);
    this.conversations.resume();
    this.softphone.resume();
    void this.coworkers.resume(reply);
    void this.contacts.resume(reply);
    const isOld = isAnother || this.#recalledOf > 0;
    if (isOld || !this.session.me?.domain_name) void this.#untilItWorks(async () => this.#enter(await this.#http.get(PATHS.me)));
    if (isOld || !this.profile) void this.#untilItWorks(() => this.readProfile());
    this.users.apply([]);
    if (!reply.masked_by) void this.#untilItWorks(() => this.#readSmsNumbers());
  }

  /** A domain that has grown too large while we look at it. */
  #count() {
    const most = this.connected?.limits.listed_people ?? Infinity;
    const { people } = this.coworkers.state;
    const { contacts } = this.contacts.state;
    if (this.isLarge || people.size + contacts.size <= most) return;
    if (everybody(this.coworkers.state).length + everyContact(this.contacts.state).length <= most) return;
    this.coworkers.becomeLarge();
    this.contacts.becomeLarge();
  }

  /** Another tab logged in as another user: the cookie is theirs now, and nothing known here is for their eyes. */
  #becameSomebodyElse() {
    this.#socket.stop();
    this.#remembering?.forget();
    this.#forgetStates(null);
    this.#become({ state: "unknown", me: null, ended: null });
    this.#socket.start();
  }

  /**
   * Reads something as often as needed; not beyond this connection, since the next one asks again.
   *
   * @param {() => Promise<unknown>} read
   */
  async #untilItWorks(read) {
    const { connected } = this;
    while (this.isLive && this.connected === connected) {
      try {
        await read();
        return;
      } catch (error) {
        if (error instanceof Refused && !error.temporary) return;
        await new Promise((resolve) => this.#around.setTimer(() => resolve(null), RETRY_AFTER));
      }
    }
  }

  /** @param {Phase} phase */
  #phaseChanged(phase) {
    this.emit("connection", phase);
    if (phase.name === "waiting") void this.#recall();
    // Whoever was logged out stays so; what has only run out is renewed.
    const isOver = phase.code === CloseCode.NOT_LOGGED_IN || (phase.code === CloseCode.SESSION_ENDED && this.#ended === "expired");
    if (isOver && this.#tokens && this.#refusals < MOST_REFUSALS) return this.#renew();
    if (phase.code === CloseCode.NOT_LOGGED_IN) this.#leave(this.#ended ?? (this.session.me ? "not_logged_in" : null));
    if (phase.code === CloseCode.SESSION_ENDED) this.#leave(this.#ended ?? "ended");
  }

  /** The token has ended: is there another one? What is known stays, if that is of the same user. */
  #renew() {
    this.#ended = null;
    this.#tokens?.refuse(this.#tokens.current);
    this.#refusals++;
    void this.#startWithToken(0);
  }

  /** @param {AnyEvent} event */
  #happened(event) {
    switch (event.op) {
      case "presence_snapshot":
        this.#recalledOf = 0;
        this.presence = presence.replace(this.presence, event);
        return this.emit("presence", null);
      case "presence_doubted":
        this.presence = presence.doubt(this.presence, event.since);
        return this.emit("presence", null);
      case "presence_changed":
      case "heartbeat":
        return this.#presenceChanged(event);
      case "conversations_snapshot":
        return this.conversations.replace(event);
      case "conversation_added":
      case "conversation_removed":
      case "group_changed":
      case "mute_changed":
      case "message_added":
      case "message_changed":
      case "messages_missed":
      case "messages_expired":
      case "changes_missed":
      case "read_marked":
      case "delivered_marked":
      case "members_marked":
        return this.conversations.apply(event);
      case "typing_started":
        return this.conversations.typing(event);
      case "contacts_changed":
        return this.contacts.apply(event);
      case "import_changed":
        return this.emit("import", event.change);
      case "directory_changed":
        return this.coworkers.apply(event);
      case "profile_changed":
        return void this.#untilItWorks(() => this.readProfile());
      case "users_changed":
        return this.users.apply(event.users);
      case "session_ended":
        this.#ended = event.reason;
    }
  }

  /** @param {PresenceChanged | Heartbeat} event */
  #presenceChanged(event) {
    if (presence.needsSnapshot(this.presence, event)) {
      return void this.#socket.request("get_presence").catch(() => undefined);
    }
    this.presence = presence.apply(this.presence, event);
    if (event.op === "heartbeat") this.#remembering?.changed();
    if (event.op === "presence_changed") this.emit("presence", new Set(event.users.map((record) => record.user)));
  }
}

/**
 * @param {{domain: string, user: number, masked_by?: number | null} | null} one
 * @param {{domain: string, user: number, masked_by?: number | null}} other
 */
function isSame(one, other) {
  return one?.domain === other.domain && one.user === other.user && (one.masked_by ?? 0) === (other.masked_by ?? 0);
}

/**
 * As much as the connection tells of its user; the rest is read afterwards.
 *
 * @param {Connected} reply
 * @returns {Me}
 */
function meFrom({ domain, user, extension, permissions, masked_by }) {
  return { domain, domain_name: "", user, extension, first_name: "", last_name: "", scope: "", permissions, masked_by: masked_by ?? null };
}

/** @param {typeof WebSocket} webSocket */
function openerOf(webSocket) {
  return (/** @type {string} */ url, /** @type {string[]} */ protocols) => new webSocket(url, protocols);
}

/** @param {string} base */
function socketAddress(base) {
  const address = new URL(PATHS.socket, base || globalThis.location?.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  return address.href;
}
