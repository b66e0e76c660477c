import assert from "node:assert/strict";
import { test } from "node:test";

import {
  byName,
  chosen,
  countByStatus,
  fold,
  heldOrder,
  initialsOf,
  matches,
  nameOf,
  statusGroupOf,
  valuesOf,
} from "../../portal/client/people.js";
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
  return { coworker, presence: complete({ user, rev: 1, colour, reason, unknown_since }) };
};
const ALL = { status: "all", department: "", site: "", search: "", sort: "name" };
/** As the list has them: by name first. */
const list = (people, choice) => {
  const order = byName(people.map((one) => one.coworker));
  return chosen(order.map((coworker) => people.find((one) => one.coworker === coworker)), choice);
};
const names = (people) => people.map(({ coworker }) => nameOf(coworker));

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
  const { coworker } = person("María-José Gutiérrez", {
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

test("initials are those of the first and the last name", () => {
  assert.equal(initialsOf("Zoë van der Berg"), "ZB");
  assert.equal(initialsOf("Élodie"), "É");
  assert.equal(initialsOf("1001"), "1");
  assert.equal(initialsOf("(deleted)"), "?");
});
