import assert from "node:assert/strict";
import { test } from "node:test";

import {
  chosen,
  countByStatus,
  fold,
  heldOrder,
  initialsOf,
  isInGroup,
  matches,
  peopleByName,
  personOfContact,
  personOfCoworker,
  statusGroupOf,
  valuesOf,
} from "../../portal/client/people.js";
import { knownContact, knownOverlay } from "../../portal/client/state/books.js";
import { complete, unknown } from "../../portal/client/state/presence.js";

let user = 0;
const person = (name, { colour = "offline", reason = "not_registered", unknown_since = 0, ...more } = {}) => {
  const [first_name, ...rest] = name.split(" ");
  const coworker = {
    user: ++user,
    extension: "1001",
    first_name,
    last_name: rest.join(" "),
    department: "",
    site: "",
    job_title: "",
    email: "",
    ...more,
  };
  return personOfCoworker(coworker, complete({ user, rev: 1, colour, reason, unknown_since }), null, false);
};
const contact = (fields, favourite = false) => personOfContact(knownContact({ contact: ++user, rev: 1, shared: true, ...fields }), favourite);
const ALL = { group: "all", status: "all", search: "", sort: "name", descending: false };
/** As the list has them: by name first. */
const list = (people, choice) => chosen(peopleByName(people), choice);
const names = (people) => people.map(({ name }) => name);

test("accents and case do not matter", () => {
  for (const [one, other] of [
    ["Łukasz Wójcik", "lukasz wojcik"],
    ["Jürgen Weiß", "JURGEN WEISS"],
    ["Ingrid Sørensen", "ingrid sorensen"],
    ["Kateřina", "KATERINA"],
    ["ŞAHİN", "sahin"],
    ["Ægir", "aegir"],
  ]) {
    assert.equal(fold(one), fold(other));
  }
});

test("people are found by every field, and by several words at once", () => {
  const coworker = person("María-José Gutiérrez", {
    extension: "2041",
    department: "Call Center",
    site: "São Paulo",
    job_title: "Team Lead",
    email: "mj@acme.example",
  });
  for (const search of ["maria", "jose", "GUTI", "041", "call", "sao", "lead", "mj@", "maria call", " "]) {
    assert.equal(matches(coworker, search), true, search);
  }
  for (const search of ["aria", "nobody", "maria sales"]) assert.equal(matches(coworker, search), false, search);
});

test("names and numbers are in natural order", () => {
  const people = [person("Room 10"), person("Room 9"), person("Änne"), person("Anna"), person("zoe")];
  assert.deepEqual(names(list(people, ALL)), ["Anna", "Änne", "Room 9", "Room 10", "zoe"]);
});

test("whom one can reach comes first when sorted by status", () => {
  const people = [
    person("Otto"),
    person("Rita", { colour: "red" }),
    person("Bela", { colour: "blue" }),
    person("Anna", { colour: "green" }),
  ];
  assert.deepEqual(names(list(people, { ...ALL, sort: "status" })), ["Anna", "Bela", "Rita", "Otto"]);
});

test("people without a department come last", () => {
  const people = [person("Anna"), person("Zoe", { department: "Sales" })];
  assert.deepEqual(names(list(people, { ...ALL, sort: "department" })), ["Zoe", "Anna"]);
});

test("groups follow the colour", () => {
  assert.deepEqual(
    ["green", "blue", "red", "offline"].map((colour) => statusGroupOf(complete({ user: 1, rev: 1, colour }))),
    ["available", "available", "busy", "offline"],
  );
  const people = [person("A", { colour: "green" }), person("B", { colour: "blue" }), person("C", { colour: "red" }), person("D")];
  assert.deepEqual(countByStatus(people), { all: 4, available: 2, busy: 1, offline: 1, unknown: 0 });
  assert.deepEqual(names(list(people, { ...ALL, status: "available" })), ["A", "B"]);
});

test("whose switch is silent is counted neither as available nor as busy nor as offline", () => {
  const people = [
    person("A", { colour: "green", reason: "registered", unknown_since: 5 }),
    person("B", { colour: "blue", reason: "chat", unknown_since: 5 }),
    person("C", { colour: "red", reason: "on_the_phone", unknown_since: 5 }),
    person("D", { unknown_since: 5 }),
    person("E", { colour: "red", reason: "do_not_disturb", unknown_since: 5 }),
  ];
  assert.deepEqual(countByStatus(people), { all: 5, available: 0, busy: 1, offline: 0, unknown: 4 });
  assert.deepEqual(names(list(people, { ...ALL, status: "busy" })), ["E"]);
  assert.equal(statusGroupOf(unknown(1)), "unknown");
});

test("who may be there comes before who is not", () => {
  const people = [person("Otto"), person("Uwe", { colour: "green", unknown_since: 5 }), person("Rita", { colour: "red" })];
  assert.deepEqual(names(list(people, { ...ALL, sort: "status" })), ["Rita", "Uwe", "Otto"]);
});

test("departments and sites are those that there are", () => {
  const people = [person("A", { department: "Sales" }), person("B", { department: "Desk 2" }), person("C")];
  assert.deepEqual(valuesOf(people.map((one) => one.coworker), "department"), ["Desk 2", "Sales"]);
});

test("nobody moves while the order is held, and newcomers are added at the end", () => {
  assert.deepEqual(heldOrder([3, 1, 2], [1, 2, 3, 4], () => true), [3, 1, 2, 4]);
  assert.deepEqual(heldOrder([3, 1, 2], [1], (one) => one !== 2), [3, 1]);
});

test("contacts are found by every field, and by the ends of their numbers", () => {
  const emile = contact({
    first_name: "Émile",
    last_name: "Zola",
    company: "Alder Hotels",
    numbers: [{ label: "work", number: "(212) 555-0177", e164: "+12125550177" }],
    emails: [{ label: "", email: "e.zola@alder.example" }],
    tags: ["Customer"],
  });
  for (const search of ["emile", "zola", "ALDER", "0177", "555-0177", "+1212555", "e.zola@", "alder.example", "cust"]) {
    assert.equal(matches(emile, search), true, search);
  }
  assert.equal(matches(emile, "mile"), false);
});

test("what one wrote down about a coworker is found, and replaces the name", () => {
  const { coworker, presence } = person("Ben Ode");
  const overlay = knownOverlay({ coworker: 1, rev: 1, last_name: "Neighbour", numbers: [{ label: "home", number: "0188" }] });
  const ben = personOfCoworker(coworker, presence, overlay, false);
  assert.equal(ben.name, "Ben Neighbour");
  for (const search of ["0188", "neighbour", "ode"]) assert.equal(matches(ben, search), true, search);
});

test("each group has who it should", () => {
  const ben = person("Ben", { department: "Sales", site: "North" });
  const shared = contact({ first_name: "Shared" }, true);
  const own = contact({ first_name: "Own", shared: false });
  const groups = ["all", "favourites", "shared", "mine", "coworkers", "department:Sales", "site:North", "department:X"];
  const found = Object.fromEntries(groups.map((group) => [group, names([ben, shared, own].filter((each) => isInGroup(each, group)))]));
  assert.deepEqual(found, {
    all: ["Ben", "Shared", "Own"],
    favourites: ["Shared"],
    shared: ["Shared"],
    mine: ["Own"],
    coworkers: ["Ben"],
    "department:Sales": ["Ben"],
    "site:North": ["Ben"],
    "department:X": [],
  });
});

test("contacts have no status, and who has none of what is sorted by stands at the end either way", () => {
  const people = [contact({ first_name: "Aaron", emails: [] }), person("Zoe", { colour: "green", email: "a@a.example" }), person("Max", { colour: "red", email: "b@a.example" })];
  assert.deepEqual(names(list(people, { ...ALL, sort: "status" })), ["Zoe", "Max", "Aaron"]);
  assert.deepEqual(names(list(people, { ...ALL, sort: "status", descending: true })), ["Max", "Zoe", "Aaron"]);
  assert.deepEqual(names(list(people, { ...ALL, sort: "email", descending: true })), ["Max", "Zoe", "Aaron"]);
  assert.deepEqual(names(list(people, { ...ALL, descending: true })), ["Zoe", "Max", "Aaron"]);
  assert.deepEqual(names(list(people, { ...ALL, status: "busy" })), ["Max"]);
});

test("initials are those of the first and the last name", () => {
  assert.equal(initialsOf("Zoë van der Berg"), "ZB");
  assert.equal(initialsOf("Élodie"), "É");
  assert.equal(initialsOf("1001"), "1");
  assert.equal(initialsOf("(deleted)"), "?");
});
