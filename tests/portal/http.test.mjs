/** Requests while the cookie becomes somebody else's: nothing is asked in the name of the wrong one. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { NotConnected } from "../../portal/client/errors.js";
import { Http } from "../../portal/client/http.js";

/** A server that answers when it is told to; `asked` in order. */
function server() {
  /** @type {Map<string, (response: Response) => void>} */
  const waiting = new Map();
  /** @type {string[]} */
  const asked = [];
  return {
    asked,
    /** @param {string} path */
    fetch: (path) => {
      asked.push(path);
      return new Promise((resolve) => waiting.set(path, resolve));
    },
    /**
     * @param {string} path
     * @param {object} body
     * @param {number} status
     */
    answer: (path, body = {}, status = 200) => waiting.get(path)?.(Response.json(body, { status })),
  };
}

const turn = () => new Promise((go) => setImmediate(go));

test("what was asked before is answered first, and what is asked meanwhile is not asked", async () => {
  const there = server();
  // @ts-expect-error - as much of `fetch` as is used
  const http = new Http({ fetch: there.fetch });
  const before = http.get("/v1/users");
  await turn();
  const mask = http.postAlone("/v1/users/7/mask");
  await turn();
  assert.deepEqual(there.asked, ["/v1/users"]);
  await assert.rejects(http.get("/v1/sites"), NotConnected);
  await assert.rejects(http.postAlone("/v1/users/8/mask"), NotConnected);
  there.answer("/v1/users", {}, 403);
  await assert.rejects(before);
  await turn();
  there.answer("/v1/users/7/mask", { user: 7 });
  assert.deepEqual(await mask, { user: 7 });
  const after = http.get("/v1/me");
  await turn();
  there.answer("/v1/me", { user: 7 });
  assert.deepEqual(await after, { user: 7 });
  assert.deepEqual(there.asked, ["/v1/users", "/v1/users/7/mask", "/v1/me"]);
});

test("a change that is refused leaves everything as it was", async () => {
  const there = server();
  // @ts-expect-error - as much of `fetch` as is used
  const http = new Http({ fetch: there.fetch });
  const mask = http.postAlone("/v1/users/7/mask");
  await turn();
  there.answer("/v1/users/7/mask", { code: "forbidden", detail: "No." }, 403);
  await assert.rejects(mask, /No\./);
  const after = http.get("/v1/me");
  await turn();
  there.answer("/v1/me", { user: 1 });
  assert.deepEqual(await after, { user: 1 });
});
