/**
 * Keeps contacts, stars and overlays right: reads them, follows their events, asks for what was missed; and changes them.
 * Nothing is changed here before the server says so: what it answers is taken over at once, and comes again as an event.
 */

import { Refused } from "./errors.js";
import { PATHS } from "./paths.js";
import { EMPTY, apply, catchUp, hasMissed, knownContact, knownOverlay, replace } from "./state/books.js";

/**
 * @import { BulkDone, Connected, Contact, ContactChanges, ContactEdit, ContactsChanged, ContactsPage, ContactsPosition, NewContact, Overlay, OverlayEdit, OwnThings, TrashPage } from "./protocol.js"
 * @import { Http } from "./http.js"
 * @import { KnownContact, KnownOverlay } from "./state/books.js"
 */

const PAGE = 500;
const RETRY_AFTER = 3_000;
/** After a large change everybody reads: not all in the same moment, in milliseconds. */
const SPREAD = 500;

/** Somebody else was faster: both versions. */
export class Changed extends Error {
  /**
   * @param {string} message
   * @param {KnownContact | KnownOverlay} current
   * @param {KnownContact | KnownOverlay} yours
   */
  constructor(message, current, yours) {
    super(message);
    this.name = "Changed";
    this.current = current;
    this.yours = yours;
  }
}

export class Contacts {
  state = EMPTY;
  /** Whether there are too many people to have all of them here: lists are asked of the server, page by page. */
  isLarge = false;
  /** Why the last reading failed. @type {Error | null} */
  problem = null;

  #http;
  #changed;
  #setTimer;
  /** @type {Promise<void> | null} */
  #reading = null;
  #isStale = false;
  #stopped = false;
  #isAsking = false;
  /** Whether more was missed since the last question. */
  #isBehind = false;

  /**
   * @param {Http} http
   * @param {() => void} changed told after every change of `state` or `problem`
   * @param {(run: () => void, after: number) => any} setTimer
   */
  constructor(http, changed, setTimer) {
    this.#http = http;
    this.#changed = changed;
    this.#setTimer = setTimer;
  }

  /** To be brought along at connect. @returns {ContactsPosition | undefined} */
  position() {
    return this.state.complete ? { shared: this.state.shared, own: this.state.own } : undefined;
  }

  /** After `connected`. @param {Connected} reply */
  async resume({ contacts: position, listing_everybody }) {
    const isLarge = listing_everybody === false;
    const isOther = this.isLarge !== isLarge;
    this.isLarge = isLarge;
    if (!this.state.complete || isOther) await this.read();
    else if (position.shared > this.state.shared || position.own > this.state.own) this.#askSoon();
  }

  /** From now on lists are asked of the server. */
  becomeLarge() {
    if (this.isLarge) return;
    this.isLarge = true;
    void this.read();
  }

  /** @param {ContactsChanged} event */
  apply(event) {
    const missed = hasMissed(this.state, event);
    this.state = apply(this.state, event);
    this.#changed();
    if (missed && this.state.complete) this.#askSoon();
  }

  /** Reads everything; one reading at a time, and once more if it was asked for meanwhile. */
  read() {
    this.#isStale = true;
    this.#reading ??= this.#readWhileStale().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  stop() {
    this.#stopped = true;
  }

  // ------------------------------------------------------------ changing

  /** @param {NewContact} contact @returns {Promise<KnownContact>} */
  async add(contact) {
    return this.#took(await this.#http.post(PATHS.contacts, contact));
  }

  /**
   * @param {number} contact
   * @param {ContactEdit} edit
   * @returns {Promise<KnownContact>} rejects with `Changed` if somebody else was faster
   */
  async edit(contact, edit) {
    return this.#took(await this.#orChanged(this.#http.patch(PATHS.contact(contact), edit), knownContact));
  }

  /**
   * @param {number} contact
   * @param {number} rev as it is looked at
   */
  async remove(contact, rev) {
    /** @type {Contact} */
    const removed = await this.#orChanged(this.#http.remove(`${PATHS.contact(contact)}?rev=${rev}`), knownContact);
    this.#take([{ contact, rev: removed.rev, shared: removed.shared, gone: true }]);
  }

  /** @param {KnownContact[]} contacts @returns {Promise<BulkDone>} */
  async removeAll(contacts) {
    const body = { contacts: contacts.map(({ contact, rev }) => ({ contact, rev })) };
    /** @type {BulkDone} */
    const done = await this.#http.post(PATHS.deleteContacts, body);
    this.#take(done.done.map(({ contact, rev, shared }) => ({ contact, rev, shared, gone: true })));
    return done;
  }

  /** @param {number[]} contacts @returns {Promise<BulkDone>} */
  async restore(contacts) {
    /** @type {BulkDone} */
    const done = await this.#http.post(PATHS.restoreContacts, { contacts });
    this.#take(done.done);
    return done;
  }

  /**
   * @param {number[]} contacts
   * @param {string[]} add
   * @param {string[]} remove
   * @returns {Promise<BulkDone>}
   */
  async tag(contacts, add, remove) {
    /** @type {BulkDone} */
    const done = await this.#http.post(PATHS.tagContacts, { contacts, add, remove });
    this.#take(done.done);
    return done;
  }

  /** @param {"shared" | "personal"} kind @param {string | null} after @returns {Promise<TrashPage>} */
  trash(kind, after) {
    return this.#http.get(PATHS.trash, { kind, after, limit: 100 });
  }

  /** @param {"coworker" | "contact"} kind @param {number} target @param {boolean} on */
  async star(kind, target, on) {
    const path = PATHS.favourite(kind, target);
    await (on ? this.#http.put(path) : this.#http.remove(path));
  }

  /**
   * @param {number} coworker
   * @param {OverlayEdit} edit
   * @returns {Promise<KnownOverlay>} rejects with `Changed` if it was changed in another window
   */
  async setOverlay(coworker, edit) {
    /** @type {Overlay} */
    const saved = await this.#orChanged(this.#http.put(PATHS.overlay(coworker), edit), knownOverlay);
    return knownOverlay(saved);
  }

  // ------------------------------------------------------------ inside

  /** @param {Contact} contact */
  #took(contact) {
    this.#take([contact]);
    return knownContact(contact);
  }

  /**
   * What an answer says of contacts. The position stays: other changes may have come before it.
   *
   * @param {Contact[]} contacts
   */
  #take(contacts) {
    const { shared, own } = this.state;
    this.state = catchUp(this.state, { position: { shared, own }, contacts });
    this.#changed();
  }

  /**
   * @template {KnownContact | KnownOverlay} Known
   * @param {Promise<any>} asked
   * @param {(given: any) => Known} known
   */
  async #orChanged(asked, known) {
    try {
      return await asked;
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 409 || !error.body?.current) throw error;
      throw new Changed(error.message, known(error.body.current), known(error.body.yours));
    }
  }

  #askSoon() {
    // The answer that is on its way may be older than what was just missed.
    this.#isBehind = true;
    if (this.#isAsking || this.#stopped) return;
    this.#isAsking = true;
    this.#setTimer(() => void this.#ask(), Math.random() * SPREAD);
  }

  async #ask() {
    this.#isBehind = false;
    try {
      if (this.isLarge) return void this.read();
      for (let more = true; more && !this.#stopped; ) {
        const { shared, own } = this.state;
        /** @type {ContactChanges} */
        const changes = await this.#http.get(PATHS.contactChanges, { shared, own, limit: PAGE });
        if (changes.too_old) return void this.read();
        this.state = catchUp(this.state, changes);
        this.#changed();
        more = !this.isLarge && (changes.more ?? false);
      }
    } catch {
      this.#setTimer(() => this.#askSoon(), RETRY_AFTER);
    } finally {
      this.#isAsking = false;
      if (this.#isBehind) this.#askSoon();
    }
  }

  async #readWhileStale() {
    while (this.#isStale && !this.#stopped) {
      this.#isStale = false;
      try {
        const snapshot = await this.#readPages();
        this.state = replace(this.state, snapshot);
        this.problem = null;
      } catch (error) {
        this.problem = /** @type {Error} */ (error);
        this.#setTimer(() => this.#stopped || void this.read(), RETRY_AFTER);
      }
      if (!this.#stopped) this.#changed();
    }
  }

  /** One that is not known here, since there are too many. @param {number} contact */
  async fetch(contact) {
    this.#take([await this.#http.get(PATHS.contact(contact))]);
  }

  async #readPages() {
    const [{ favourites, overlays, position }, first] = await Promise.all([
      /** @type {Promise<OwnThings>} */ (this.#http.get(PATHS.ownThings)),
      this.isLarge ? null : this.#readPage(null),
    ]);
    /** @type {Contact[]} */
    const contacts = [];
    let { shared, own } = position;
    for (let page = first; page; page = page.next ? await this.#readPage(page.next) : null) {
      // Whichever was read first: what came after it is told again, and harmless.
      shared = Math.min(shared, page.position.shared);
      own = Math.min(own, page.position.own);
      contacts.push(...page.items);
    }
    return { shared, own, contacts, favourites, overlays };
  }

  /** @param {string | null} after @returns {Promise<ContactsPage>} */
  #readPage(after) {
    return this.#http.get(PATHS.contacts, { limit: PAGE, after });
  }
}
