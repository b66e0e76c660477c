/**
 * Contacts, stars and overlays: what pages, changes and events amount to. Two books, the shared one and one's own, each
 * with a revision. Pure; the newer revision of a thing wins.
 */

/** @import { Contact, ContactChanges, ContactsChanged, Favourite, Overlay } from "../protocol.js" */

/**
 * @typedef {Required<Omit<Contact, "changed_at" | "deleted_at">> & Pick<Contact, "changed_at" | "deleted_at">} KnownContact
 * @typedef {Required<Overlay>} KnownOverlay
 *
 * @typedef {object} BooksState
 * @property {number} shared up to which revision nothing of the shared book is missing
 * @property {number} own
 * @property {boolean} complete whether it was ever read to its end
 * @property {ReadonlyMap<number, KnownContact>} contacts those who are `gone` stay, so that nothing older brings them back
 * @property {ReadonlyMap<string, Favourite>} favourites by `keyOfTarget`
 * @property {ReadonlyMap<number, KnownOverlay>} overlays by coworker
 *
 * @typedef {{contacts?: Contact[], favourites?: Favourite[], overlays?: Overlay[]}} News
 */

/** @type {BooksState} */
export const EMPTY = Object.freeze({
  shared: 0,
  own: 0,
  complete: false,
  contacts: new Map(),
  favourites: new Map(),
  overlays: new Map(),
});

/**
 * @param {BooksState} state
 * @param {{shared: number, own: number, contacts: Contact[], favourites: Favourite[], overlays: Overlay[]}} snapshot
 *   read to its end; the position is that of its beginning
 * @returns {BooksState}
 */
export function replace(state, snapshot) {
  const fresh = taken({ ...EMPTY, shared: snapshot.shared, own: snapshot.own, complete: true }, snapshot);
  // What came while the pages were read is newer than their beginning.
  const newer = {
    contacts: [...state.contacts.values()].filter((each) => each.rev > (each.shared ? snapshot.shared : snapshot.own)),
    favourites: [...state.favourites.values()].filter((each) => each.rev > snapshot.own),
    overlays: [...state.overlays.values()].filter((each) => each.rev > snapshot.own),
  };
  return taken(fresh, newer);
}

/**
 * @param {BooksState} state
 * @param {ContactsChanged} event
 * @returns {BooksState}
 */
export function apply(state, event) {
  const book = event.shared ? "shared" : "own";
  const rev = hasMissed(state, event) ? state[book] : Math.max(state[book], event.rev);
  return taken({ ...state, [book]: rev }, event);
}

/**
 * Whether something before this event never came, so that the changes must be asked for.
 *
 * @param {BooksState} state
 * @param {ContactsChanged} event
 */
export function hasMissed(state, event) {
  return event.since > (event.shared ? state.shared : state.own);
}

/**
 * @param {BooksState} state
 * @param {ContactChanges} changes since the state's own position
 * @returns {BooksState}
 */
export function catchUp(state, changes) {
  return taken({ ...state, shared: changes.position.shared, own: changes.position.own }, changes);
}

/**
 * @param {BooksState} state
 * @param {News} news
 * @returns {BooksState}
 */
function taken(state, news) {
  return {
    ...state,
    contacts: withNewer(state.contacts, (news.contacts ?? []).map(knownContact), (each) => each.contact),
    favourites: withNewer(state.favourites, news.favourites ?? [], (each) => keyOfTarget(each.kind, each.target)),
    overlays: withNewer(state.overlays, (news.overlays ?? []).map(knownOverlay), (each) => each.coworker),
  };
}

/**
 * @template Key
 * @template {{rev: number}} Thing
 * @param {ReadonlyMap<Key, Thing>} known
 * @param {Thing[]} given
 * @param {(thing: Thing) => Key} keyOf
 * @returns {ReadonlyMap<Key, Thing>}
 */
function withNewer(known, given, keyOf) {
  const newer = given.filter((thing) => thing.rev > (known.get(keyOf(thing))?.rev ?? 0));
  if (newer.length === 0) return known;
  const all = new Map(known);
  for (const thing of newer) all.set(keyOf(thing), thing);
  return all;
}

/**
 * @param {"coworker" | "contact"} kind
 * @param {number} target
 */
export function keyOfTarget(kind, target) {
  return `${kind}:${target}`;
}

/**
 * @param {BooksState} state
 * @param {"coworker" | "contact"} kind
 * @param {number} target
 */
export function isFavourite(state, kind, target) {
  const found = state.favourites.get(keyOfTarget(kind, target));
  return found !== undefined && !found.gone;
}

/**
 * @param {BooksState} state
 * @returns {KnownContact[]}
 */
export function everyContact(state) {
  return [...state.contacts.values()].filter((contact) => !contact.gone);
}

/**
 * @param {BooksState} state
 * @param {number} coworker
 * @returns {KnownOverlay | null}
 */
export function overlayOf(state, coworker) {
  const found = state.overlays.get(coworker);
  return found && !found.gone ? found : null;
}

/**
 * @param {Contact} contact
 * @returns {KnownContact}
 */
export function knownContact(contact) {
  return {
    first_name: "",
    middle_name: "",
    last_name: "",
    company: "",
    department: "",
    job_title: "",
    numbers: [],
    emails: [],
    addresses: [],
    notes: "",
    tags: [],
    changed_by: 0,
    gone: false,
    ...contact,
  };
}

/**
 * @param {Overlay} overlay
 * @returns {KnownOverlay}
 */
export function knownOverlay(overlay) {
  return { first_name: "", last_name: "", numbers: [], emails: [], notes: "", gone: false, ...overlay };
}
