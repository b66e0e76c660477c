import assert from "node:assert/strict";
import { test } from "node:test";

import { LANGUAGES, languageOf, locale, speak, words } from "../../portal/words.js";

await speak(["fr", "de-AT", "en"]);

const english = (await LANGUAGES.en.load()).words;
const others = await Promise.all(
  Object.keys(LANGUAGES)
    .filter((language) => language !== "en")
    .map(async (language) => [language, (await LANGUAGES[language].load()).words]),
);

/** Said alike in both, or said by nobody. */
const ALIKE = {
  de: new Set([
    "product", "presence.offline", "presence.short.offline", "presence.short.chat-only", "connection.live", "connection.offline",
    "navigation.chats", "contacts.groups.offline", "contacts.sorts.name", "contacts.sorts.status", "contacts.about", "contacts.chat",
    "contacts.labels.fax", "contacts.labels.pager", "contacts.addressFields.region", "imports.format", "imports.formats.vcard",
    "imports.exportFormats.vcard", "chats.title", "chats.nameToCome", "sms.example", "groups.roles.member", "why.states.offline",
    "embedded.chats", "softphone.phases.ended", "profile.sections.person", "profile.hints.record_calls",
    "profile.hints.overwrite_with_site_defaults", "profile.theirHints.record_calls", "profile.statuses.standard", "profile.none",
    "secondFactor.code", "scopes.reseller", "audit.filters", "audit.fields.name", "sites.fields.name", "apiKeys.name", "passkeys.title",
  ]),
};
const TELLTALE = /\b(the|your|you|and|with|of|is|are|has|have|this|that|not|by)\b/i;

/**
 * @param {unknown} value
 * @param {string} path
 * @returns {[path: string, value: unknown][]}
 */
function leaves(value, path = "") {
  if (typeof value !== "object" || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([name, inner]) => leaves(inner, path ? `${path}.${name}` : name));
}

test("the first language that we have is spoken, as its reader writes dates", () => {
  assert.equal(languageOf(["fr-CA", "de-AT", "en"]), "de");
  assert.equal(languageOf(["FR"]), "en");
  assert.equal(languageOf([]), "en");
  assert.equal(words.language, "de");
  assert.equal(locale, "de-AT");
});

for (const [language, catalogue] of others) {
  test(`${language}: every word that there is in English, and no other`, () => {
    assert.deepEqual(leaves(catalogue).map(([path]) => path).sort(), leaves(english).map(([path]) => path).sort());
  });

  test(`${language}: nothing is left in English`, () => {
    const theirs = new Map(leaves(catalogue));
    const same = leaves(english).filter(([path, said]) => typeof said === "string" && said !== "" && theirs.get(path) === said);
    assert.deepEqual(same.map(([path]) => path).filter((path) => !ALIKE[language].has(path)), []);
    for (const [path, said] of theirs) {
      assert.equal(typeof said, typeof new Map(leaves(english)).get(path), path);
      const texts = typeof said === "function" ? literalsOf(said) : [String(said)];
      for (const text of texts) assert.doesNotMatch(text, TELLTALE, path);
    }
  });

  test(`${language}: typographic quotes, dashes and dots`, () => {
    for (const [path, said] of leaves(catalogue)) {
      const texts = typeof said === "function" ? literalsOf(said) : [String(said)];
      for (const text of texts) assert.doesNotMatch(text, /\.\.\.|"| - |'/, path);
    }
  });
}

/** What a function may say: its texts, without what is put into them. @param {() => string} said */
function literalsOf(said) {
  const source = String(said).replace(/\/\*[^]*?\*\//g, "").replace(/\/\/.*$/gm, "");
  /** What is open, the innermost last: a text by its quote, or `{` for what is put into one, or any other brace. */
  const open = [];
  const texts = [];
  for (let at = 0; at < source.length; at++) {
    const letter = source[at];
    const inner = open.at(-1);
    if (inner === letter && letter !== "{") open.pop();
    else if (inner === "`" && letter === "$" && source[at + 1] === "{") open.push("{") && at++;
    else if (inner === '"' || inner === "`") texts.push((texts.pop() ?? "") + letter);
    else if (letter === '"' || letter === "`") open.push(letter) && texts.push("");
    else if (letter === "{") open.push("{");
    else if (letter === "}") open.pop();
  }
  return texts;
}

test("German counts, quotes and puts the verb where it belongs", () => {
  const line = (fields) => ({ sender: 1, line: { kind: "created", users: [2], name: "Verkauf", ...fields } });
  const nameOf = (user) => (user === 1 ? null : `P${user}`);
  assert.equal(words.groups.line(line({}), nameOf), "Sie haben die Gruppe „Verkauf“ mit P2 erstellt.");
  assert.equal(words.groups.line({ sender: 3, line: { kind: "managers", users: [1], name: "" } }, nameOf), "Sie verwalten jetzt die Gruppe.");
  assert.equal(words.groups.line({ sender: 3, line: { kind: "managers", users: [2], name: "" } }, nameOf), "P2 verwaltet jetzt die Gruppe.");
  assert.equal(words.groups.members(1), "1 Mitglied");
  assert.equal(words.contacts.count(12_345), `${(12_345).toLocaleString("de-AT")} Personen`);
  assert.equal(words.files.size(1_600), "1,6 kB");
  assert.equal(words.list(["A", "B", "C"]), "A, B und C");
});

test("what the service refuses is said in German, with its numbers, and by its kind if the sentence is not known", () => {
  const refusal = (code, message) => words.problems.refusal({ code, message });
  assert.equal(refusal("invalid", "At most 64 characters"), "Höchstens 64 Zeichen.");
  assert.equal(refusal("invalid", "A PIN has 4 to 8 digits"), "Eine PIN hat 4 bis 8 Ziffern.");
  assert.equal(refusal("not_allowed", "Whatever comes next year"), "Das dürfen Sie nicht.");
  assert.equal(english.problems.refusal({ code: "invalid", message: "At most 64 characters" }), "At most 64 characters");
});
