import assert from "node:assert/strict";
import { test } from "node:test";

import { Listing } from "../../portal/client/listing.js";
import { chosen, countByStatus, isInGroup, peopleByName, personOfCoworker } from "../../portal/client/people.js";
import { Layers } from "../../portal/client/state/layers.js";
import { LEFT_ALONE, PACE, Standing } from "../../portal/client/standing.js";
import { complete } from "../../portal/client/state/presence.js";
import { drift } from "../../portal/elements/long-list.js";

const ALL = { group: "all", status: "all", search: "", sort: "name", descending: false };
const COLOURS = ["green", "red", "offline"];
const NOBODY = new Set();

/** A company of sixty whose presence is `states`. */
function company() {
  const states = new Map();
  const coworkers = Array.from({ length: 60 }, (_, at) => ({
    user: at + 1,
    extension: String(1000 + at),
    first_name: "Given",
    last_name: `Name ${(at * 37) % 60}`,
    department: at % 3 === 0 ? "Sales" : "Service",
    site: "",
    job_title: "",
    email: "",
  }));
  const become = (user, colour) => states.set(user, complete({ user, rev: 1, colour, reason: "" }));
  for (const { user } of coworkers) become(user, COLOURS[user % 3]);
  const people = () => peopleByName(coworkers.map((coworker) => personOfCoworker(coworker, states.get(coworker.user), null, false)));
  return { people, become, presenceOf: (user) => states.get(user) };
}

test("a list that follows each change is the list made anew", () => {
  const choices = [
    ALL,
    { ...ALL, sort: "status" },
    { ...ALL, sort: "status", descending: true },
    { ...ALL, status: "busy" },
    { ...ALL, group: "department:Sales", status: "available", sort: "extension" },
    { ...ALL, search: "name 1", sort: "status" },
  ];
  for (const choice of choices) {
    const { people, become, presenceOf } = company();
    const listing = new Listing(choice);
    listing.replace(people());
    for (let step = 0; step < 200; step++) {
      const user = 1 + ((step * 29) % 60);
      become(user, COLOURS[(step * 7 + user) % 3]);
      listing.follow([user, 61], presenceOf);
      assert.deepEqual(listing.order, chosen(people(), choice).map(({ key }) => key));
      assert.deepEqual(listing.counts, countByStatus(people().filter((person) => isInGroup(person, choice.group))));
      assert.equal(listing.get(`u${user}`).presence, presenceOf(user));
    }
  }
});

test("a change that moves nobody leaves the order as it is", () => {
  const { people, become, presenceOf } = company();
  const listing = new Listing({ ...ALL, sort: "status" });
  listing.replace(people());
  const { order } = listing;
  become(4, COLOURS[4 % 3]);
  listing.follow([4], presenceOf);
  assert.equal(listing.order, order);
  become(4, COLOURS[5 % 3]);
  listing.follow([4], presenceOf);
  assert.notEqual(listing.order, order);
});

test("by name nobody moves, whatever becomes of them", () => {
  const { people, become, presenceOf } = company();
  const listing = new Listing(ALL);
  listing.replace(people());
  const { order } = listing;
  for (let user = 1; user <= 60; user++) become(user, "red");
  listing.followAll(presenceOf);
  assert.equal(listing.order, order);
  assert.deepEqual(listing.counts, { all: 60, available: 0, busy: 60, offline: 0, unknown: 0 });
});

test("who reads on follows the rows that are read, and not one that goes elsewhere", () => {
  const before = ["a", "b", "c", "d", "e", "f"];
  assert.equal(drift(before, ["b", "c", "d", "e", "f"], 2, 4, NOBODY), -1, "one above is gone");
  assert.equal(drift(before, ["x", "y", ...before], 2, 4, NOBODY), 2, "two came above");
  assert.equal(drift(before, ["a", "b", "d", "e", "f", "c"], 2, 4, new Set(["c"])), -1, "the first one that is seen goes down: the next ones stay");
  assert.equal(drift(before, ["a", "b", "d", "c"], 4, 6, NOBODY), 0, "all that were seen are gone");
});

test("a map in layers is the map it stands for", () => {
  let layers = new Layers(new Map([[1, "one"]]));
  const map = new Map([[1, "one"]]);
  for (let step = 0; step < 500; step++) {
    const before = [...layers];
    const key = (step * 31) % 97;
    layers.with(new Map([[key, `not kept ${step}`]]));
    assert.deepEqual([...layers], before);
    layers = layers.with(new Map([[key, `${step}`]]));
    map.set(key, `${step}`);
    assert.deepEqual(new Map(layers), map);
    assert.deepEqual([...layers.values()].sort(), [...map.values()].sort());
    assert.equal(layers.size, map.size);
    assert.equal(layers.get(key), `${step}`);
    assert.equal(layers.has(98), false);
  }
});

const ALONE = LEFT_ALONE + 1;

test("an order stands still for a pointer and for the keyboard, until they leave", () => {
  for (const come of ["over", "focus"]) {
    const standing = new Standing(() => true);
    assert.ok(standing.until(true) < 0, "nobody is there");
    standing[come](true, 10_000);
    assert.ok(standing.isAttended(10_000 + LEFT_ALONE - 1));
    assert.ok(standing.until(false) > 10_000, "nor do those come who are new in their places");
    standing[come](false, 20_000);
    assert.ok(standing.until(true) <= 20_000);
  }
});

test("whoever is at an order counts as gone after a minute without a sign, and not before", () => {
  const standing = new Standing(() => true);
  standing.over(true, 0);
  assert.ok(!standing.isAttended(ALONE));
  standing.sign(LEFT_ALONE);
  assert.ok(standing.isAttended(ALONE));
});

test("a finger is not seen before it comes: an order stands for it from when the list came in front", () => {
  const standing = new Standing(() => false);
  standing.sign(0);
  assert.ok(standing.isAttended(LEFT_ALONE - 1));
  assert.ok(standing.until(false) < 0, "but those who are added by hand come in their places");
  assert.ok(!standing.isAttended(ALONE));
});

test("where nobody is, orders change at a calm pace", () => {
  const standing = new Standing(() => true);
  standing.ordered(5_000);
  assert.equal(standing.until(true), 5_000 + PACE);
  assert.ok(!standing.isAttended(5_001), "that is no reason to say that it is behind");
  assert.ok(standing.until(false) < 0);
});

test("an order stands for who scrolls, wherever the pointer is", () => {
  const standing = new Standing(() => true);
  standing.scrolled(1_000);
  assert.ok(standing.isAttended(2_000));
  assert.ok(!standing.isAttended(9_000));
});
