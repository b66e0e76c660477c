/**
 * One user's client against a real gateway, from the first connection to the return after a loss. Started by
 * test_javascript.py with the gateway's address, a token, and the numbers of the other user.
 */

import assert from "node:assert/strict";

import { PresenceClient, Refused, chat } from "presence-client";

const [base, token, otherText, extension] = /** @type {[string, string, string, string]} */ (process.argv.slice(2));
const other = Number(otherText);

/** The connections that were opened; while `isCut`, there is no network. @type {WebSocket[]} */
const wires = [];
let isCut = false;

class Wire extends WebSocket {
  /** @param {string} url @param {string[]} protocols */
  constructor(url, protocols) {
    super(isCut ? "ws://127.0.0.1:9/nobody" : url, protocols);
    wires.push(this);
  }
}

const client = new PresenceClient({ base, token: async () => token, name: "journey", storage: null, webSocket: Wire });

/** @param {string} what @param {() => unknown} holds */
async function until(what, holds) {
  const late = setTimeout(() => assert.fail(`waited in vain: ${what}`), 30_000);
  while (!holds()) {
    await new Promise((resolve) => {
      const stops = /** @type {const} */ (["session", "connection", "presence", "directory", "chat"]).map((topic) =>
        client.on(topic, () => (stops.forEach((stop) => stop()), resolve(null))),
      );
    });
  }
  clearTimeout(late);
}

/** @param {number} conversation */
const bodies = (conversation) => client.conversations.state.threads.get(conversation)?.run.map((message) => message.body) ?? [];

client.start();
await until("the first connection", () => client.isLive && client.session.state === "in");
await until("the directory", () => client.coworkers.state.people.get(other)?.extension === extension);
await until("the other one's dot", () => client.presenceOf(other).colour === "blue");

await client.setDnd(true);
await until("one's own red", () => client.presenceOf(client.me).reason === "do_not_disturb");
await assert.rejects(client.setStatus("x".repeat(1_000)), (error) => error instanceof Refused && error.field === "message");

const conversation = await client.conversations.openWith(other);
client.conversations.send(conversation, "first");
await until("the confirmation", () => client.conversations.outgoing.length === 0 && bodies(conversation).includes("first"));
assert.ok(!client.connected?.resumed);

isCut = true;
wires.at(-1)?.close();
await until("the loss", () => !client.isLive);
assert.equal(client.presenceOf(other).colour, "blue"); // what was last known
client.conversations.send(conversation, "written without a connection");
client.conversations.send(conversation, "and one more");
assert.deepEqual(client.conversations.outgoing.map((message) => message.state), ["waiting", "waiting"]);
process.stdout.write("cut\n"); // the other one does something meanwhile
await new Promise((resolve) => process.stdin.once("data", resolve));
isCut = false;
client.retryNow();

await until("the return", () => client.isLive);
assert.equal(client.connected?.resumed, true);
await until("what was missed", () => bodies(conversation).includes("meanwhile"));
await until("what was written", () => client.conversations.outgoing.length === 0 && bodies(conversation).length === 4);
assert.deepEqual(bodies(conversation), ["first", "meanwhile", "written without a connection", "and one more"]);
assert.ok(chat.newestFirst(client.conversations.state).length === 1);
await until("the other one's red", () => client.presenceOf(other).dnd);
process.stdout.write("done\n");
process.exit(0);
