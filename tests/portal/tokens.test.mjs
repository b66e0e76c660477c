import assert from "node:assert/strict";
import test from "node:test";

import { Http } from "../../portal/client/http.js";
import { PresenceClient } from "../../portal/client/index.js";
import { Tokens } from "../../portal/client/tokens.js";
import { isPassing, stateOf } from "../../portal/embed/state.js";

test("those who ask at the same time get the token of one question", async () => {
  let asked = 0;
  const tokens = new Tokens(async () => `t${++asked}`);
  assert.deepEqual(await Promise.all([tokens.get(), tokens.get()]), ["t1", "t1"]);
  assert.equal(await tokens.get(), "t1");
});

test("a refused token is told to whoever gives the next one, and is never used again", async () => {
  /** @type {(string | null)[]} */
  const told = [];
  const given = ["old", "old", "new"];
  const tokens = new Tokens((refused) => (told.push(refused), given.shift()));
  assert.equal(await tokens.get(), "old");
  tokens.refuse("old");
  assert.equal(await tokens.get(), "");
  assert.equal(await tokens.get(), "new");
  tokens.refuse("old"); // an answer that comes late
  assert.equal(tokens.current, "new");
  assert.deepEqual(told, [null, "old", "old"]);
});

test("with a token a request carries it and no cookie, and is made once more with the next token", async () => {
  /** @type {[string | null, string | undefined][]} */
  const sent = [];
  const fetch = async (/** @type {any} */ _url, /** @type {any} */ init) => {
    const authorization = init.headers.get("authorization");
    sent.push([authorization, init.credentials]);
    return new Response("{}", { status: authorization === "Bearer good" ? 200 : 401 });
  };
  const given = ["worn", "good"];
  const http = new Http({ base: "http://gateway.test", fetch, tokens: new Tokens(() => given.shift()) });
  assert.deepEqual(await http.get("/v1/me"), {});
  assert.deepEqual(sent, [["Bearer worn", "omit"], ["Bearer good", "omit"]]);
});

test("a token that is refused again and again is not asked for without end", async () => {
  let sent = 0;
  const fetch = async () => (sent++, new Response("{}", { status: 401 }));
  const http = new Http({ base: "http://gateway.test", fetch, tokens: new Tokens(() => `t${sent}`) });
  await assert.rejects(http.get("/v1/me"), { status: 401 });
  assert.equal(sent, 2);
});

test("without tokens a request goes with the cookie of this origin only", async () => {
  let credentials = "";
  const fetch = async (/** @type {any} */ _url, /** @type {any} */ init) => ((credentials = init.credentials), new Response("{}"));
  await new Http({ base: "", fetch }).get("/v1/me");
  assert.equal(credentials, "same-origin");
});

test("a client without a token opens no connection and says that nobody is logged in", async () => {
  const opened = [];
  const client = new PresenceClient({ base: "http://gateway.test", token: null, storage: null, around: { open: (url) => (opened.push(url), never()) } });
  client.start();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([opened, client.session.state, client.session.ended], [[], "out", "no_token"]);
  assert.equal(stateOf(client), "no_token");
});

function never() {
  return /** @type {any} */ ({ close: () => undefined, send: () => undefined });
}

const phase = { name: /** @type {const} */ ("idle"), attempt: 0, until: 0, liveUntil: 0, code: 0 };
const into = { state: /** @type {const} */ ("in"), me: null, ended: null };

for (const [state, connection, session] of /** @type {const} */ ([
  ["connecting", { name: "connecting" }, { state: "unknown" }],
  ["live", { name: "live", liveUntil: 5 }, {}],
  ["offline", { name: "waiting", liveUntil: 5 }, {}],
  ["offline", { name: "connecting", attempt: 2 }, { state: "unknown" }],
  ["connecting", { name: "ended", code: 4500 }, {}],
  ["origin_refused", { name: "ended", code: 4502 }, { state: "unknown" }],
  ["ended", { name: "ended", code: 4503 }, {}],
  ["expired", { name: "idle" }, { state: "out", ended: "not_logged_in" }],
  ["expired", { name: "idle" }, { state: "out", ended: "logged_out" }],
  ["no_token", { name: "idle" }, { state: "out", ended: "no_token" }],
  ["no_token", { name: "idle" }, { state: "out", ended: null }],
])) {
  test(`a page is ${state} when the connection is ${JSON.stringify(connection)} and the session ${JSON.stringify(session)}`, () => {
    assert.equal(stateOf({ connection: { ...phase, ...connection }, session: { ...into, ...session } }), state);
    assert.equal(isPassing(state), state === "connecting" || state === "offline");
  });
}
