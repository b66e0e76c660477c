/**
 * How an element finds the client it shows: it asks upwards, the page answers. Elements may be upgraded before the page
 * has made its client; then they are told as soon as it is there.
 */

/** @import { PresenceClient } from "../client/index.js" */

const ASKED = "presence-client-asked";
const PROVIDED = "presence-client-provided";

/**
 * @param {HTMLElement | Document} root whose descendants get `client`
 * @param {PresenceClient} client
 */
export function provideClient(root, client) {
  root.addEventListener(ASKED, (event) => {
    if (!(event instanceof CustomEvent)) return;
    event.stopPropagation();
    event.detail(client);
  });
  root.ownerDocument?.dispatchEvent(new Event(PROVIDED)) ?? root.dispatchEvent(new Event(PROVIDED));
}

/**
 * @param {HTMLElement} element
 * @param {(client: PresenceClient) => void} receive called once
 * @returns {() => void} stops waiting
 */
export function askForClient(element, receive) {
  let isAnswered = false;
  const answer = (/** @type {PresenceClient} */ client) => {
    if (isAnswered) return;
    isAnswered = true;
    stop();
    receive(client);
  };
  const ask = () => element.dispatchEvent(new CustomEvent(ASKED, { bubbles: true, composed: true, detail: answer }));
  const stop = () => element.ownerDocument.removeEventListener(PROVIDED, ask);
  element.ownerDocument.addEventListener(PROVIDED, ask);
  ask();
  return stop;
}
