import assert from "node:assert/strict";
import { test } from "node:test";

import { changedFields, mergeEdit, shownField } from "../../portal/client/edits.js";
import { EMPTY, apply, catchUp, everyContact, hasMissed, isFavourite, overlayOf, replace } from "../../portal/client/state/books.js";

const contact = (number, rev, fields = {}) => ({ contact: number, rev, shared: true, ...fields });
const event = (since, rev, news, shared = true) => ({ op: "contacts_changed", shared, since, rev, ...news });
const snapshot = (shared, own, contacts) => ({ shared, own, contacts, favourites: [], overlays: [] });
const ids = (state) => everyContact(state).map((each) => each.contact);

test("a snapshot and the events after it are what a fresh snapshot is", () => {
  let state = replace(EMPTY, snapshot(2, 0, [contact(1, 1), contact(2, 2)]));
  state = apply(state, event(2, 3, { contacts: [contact(1, 3, { company: "Alder" })] }));
  state = apply(state, event(3, 4, { contacts: [contact(2, 4, { gone: true })] }));
  state = apply(state, event(0, 1, { favourites: [{ kind: "contact", target: 1, rev: 1 }] }, false));
  assert.deepEqual(ids(state), [1]);
  assert.equal(state.contacts.get(1).company, "Alder");
  assert.deepEqual([state.shared, state.own], [4, 1]);
  assert.equal(isFavourite(state, "contact", 1), true);
});

test("the newer revision wins, in whichever order things arrive", () => {
  let state = apply(EMPTY, event(1, 2, { contacts: [contact(1, 2, { gone: true })] }));
  state = replace(state, snapshot(1, 0, [contact(1, 1)]));
  assert.deepEqual(ids(state), [], "what was deleted while the pages were read stays deleted");
  state = apply(state, event(0, 1, { contacts: [contact(1, 1, { company: "Old" })] }));
  assert.deepEqual(ids(state), []);
});

test("a gap is found, the position stays before it, and catching up closes it", () => {
  let state = replace(EMPTY, snapshot(2, 0, [contact(1, 1)]));
  const late = event(4, 5, { contacts: [contact(3, 5)] });
  assert.equal(hasMissed(state, late), true);
  state = apply(state, late);
  assert.equal(state.shared, 2);
  assert.deepEqual(ids(state), [1, 3], "what it says is true all the same");
  state = catchUp(state, { position: { shared: 5, own: 0 }, contacts: [contact(2, 3), contact(1, 4, { gone: true }), contact(3, 5)] });
  assert.deepEqual([ids(state), state.shared], [[3, 2], 5]);
});

test("an overlay that was removed is none", () => {
  let state = apply(EMPTY, event(0, 1, { overlays: [{ coworker: 7, rev: 1, notes: "x" }] }, false));
  assert.equal(overlayOf(state, 7).notes, "x");
  state = apply(state, event(1, 2, { overlays: [{ coworker: 7, rev: 2, gone: true }] }, false));
  assert.equal(overlayOf(state, 7), null);
});

const FIELDS = ["first_name", "company", "numbers", "tags"];
const BASE = { first_name: "Nora", company: "", numbers: [{ label: "work", number: "1", e164: "" }], tags: [] };

test("only what was changed is an edit; the server's form of a number is none", () => {
  assert.deepEqual(changedFields(FIELDS, BASE, { ...BASE, numbers: [{ number: "1", label: "work" }] }), []);
  assert.deepEqual(changedFields(FIELDS, BASE, { ...BASE, company: "A", tags: ["x"] }), ["company", "tags"]);
});

test("what only one of both has changed is put together; what both have is for a person to decide", () => {
  const theirs = { ...BASE, company: "Alder", tags: ["vip"] };
  const mine = { ...BASE, first_name: "Norah", company: "Birch" };
  assert.deepEqual(mergeEdit(FIELDS, BASE, theirs, mine), {
    merged: { ...BASE, first_name: "Norah", company: "Birch", tags: ["vip"] },
    conflicts: ["company"],
  });
  assert.deepEqual(mergeEdit(FIELDS, BASE, theirs, { ...BASE, company: "Alder" }).conflicts, [], "both said the same");
});

test("a field is shown as one line", () => {
  assert.equal(shownField([{ label: "work", number: "1" }, { label: "x", email: "a@b" }]), "1, a@b");
  assert.equal(shownField(["a", "b"]), "a, b");
  assert.equal(shownField(undefined), "");
});
