/** Why a dot has its colour, as a line that is read out when it changes; a connection that comes or goes changes nothing. */

import { h, setText } from "./dom.js";
import { words } from "../words.js";

/** @returns {{element: HTMLElement, show: (reason: string, isLive: boolean) => void}} */
export function reasonLine() {
  const reason = h("span", { role: "status" });
  const past = h("span", { hidden: true }, ` ${words.presence.lastKnown}`);
  return {
    element: h("p", { class: "reason" }, reason, past),
    show(text, isLive) {
      setText(reason, text);
      past.hidden = isLive;
    },
  };
}
