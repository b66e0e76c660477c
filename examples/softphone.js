/**
 * Joins a SIP library to presence: others see green while the telephone is registered, red while somebody speaks.
 *
 * `Phone` is what a library has to be brought to; a few lines, since every one has events like these (docs/softphone.md).
 *
 * @typedef {"ringing" | "dialing" | "active" | "held" | "ended"} CallPhase
 *
 * @typedef {object} Phone
 * @property {(event: "registered" | "unregistered" | "call" | "dnd", listener: (detail: any) => void) => void} on
 *   `registered`: also at each refresh; `call`: `{id, phase}`, at every change; `dnd`: a boolean, when its button is pressed
 * @property {boolean} isRegistered
 * @property {(on: boolean) => void} [setDnd] if it has a Do Not Disturb of its own; called with the same value twice, it
 *   does nothing
 */

/**
 * @param {import("../portal/client/client.js").PresenceClient} client
 * @param {Phone} phone
 * @returns {() => void} unplugs it: others see no telephone and no call any more
 */
export function plugIn(client, phone) {
  /** What is under way, to be said to whoever logs in while it is. @type {Map<string, CallPhase>} */
  const calls = new Map();
  let isPlugged = true;
  /** @type {unknown} */
  let told = null;
  /** @type {boolean | null} */
  let dnd = null;

  const register = () => client.softphone.register({ isRemembered: false });
  // A rejection says that the server was not told now; the client makes up for it when it is connected again.
  const unregister = (options = {}) => client.softphone.unregister(options).catch(() => undefined);

  /** Each user who logs in has a `client.softphone` of their own, which knows nothing yet. */
  const beginAnew = () => {
    if (client.session.state !== "in" || told === client.softphone) return;
    told = client.softphone;
    if (phone.isRegistered) void register();
    for (const [id, phase] of calls) void client.softphone.follow(id, phase);
  };

  const followDnd = () => {
    const own = client.presenceOf(client.me);
    const isKnown = client.isLive && client.presence.epoch !== "" && own.unknown_since === 0;
    if (!isKnown || own.dnd === dnd) return;
    dnd = own.dnd;
    phone.setDnd?.(dnd);
  };

  const stops = [client.on("session", beginAnew), client.on("presence", followDnd)];
  beginAnew();

  /** @param {"registered" | "unregistered" | "call" | "dnd"} event @param {(detail: any) => void} listener */
  const on = (event, listener) => phone.on(event, (detail) => isPlugged && listener(detail));
  on("registered", () => {
    // The client refreshes by itself: what the library refreshes with its registrar is nothing new.
    if (client.session.state === "in" && !client.softphone.state.wanted) void register();
  });
  on("unregistered", () => void unregister({ keepsCalls: true }));
  on("call", ({ id, phase }) => {
    if (phase === "ended") calls.delete(id);
    else calls.set(id, phase);
    if (client.session.state === "in") void client.softphone.follow(id, phase);
  });
  on("dnd", (isOn) => {
    dnd = isOn;
    client.setDnd(isOn).catch(() => {
      dnd = !isOn; // not done: the button shows again what holds
      phone.setDnd?.(dnd);
    });
  });

  return () => {
    isPlugged = false;
    for (const stop of stops) stop();
    void unregister();
  };
}
