/** What setting up an authenticator app shows: the QR code with the secret in words, the field for a code, recovery codes. */

import { css } from "./element.js";
import { h, setText, svg } from "./dom.js";
import { icon } from "./icons.js";
import { words } from "../words.js";

/** @import { TotpSetUp } from "../client/protocol.js" */

/** Light cells around a QR code, without which cameras do not find it. */
const MARGIN = 4;
const GROUP = 4;

export const secondFactorStyles = css`
  h2:focus,
  h3:focus {
    outline: none;
  }
  .qr {
    display: block;
    inline-size: min(100%, 13rem);
    padding: 0;
    border-radius: var(--presence-radius-small);
    /* Cameras want dark on light, whatever the page looks like. */
    background: #fff;
    fill: #000;
  }
  .secret {
    overflow-wrap: anywhere;
  }
  code {
    font-family: ui-monospace, monospace;
    font-size: 0.9375rem;
    letter-spacing: 0.03em;
  }
  .codes {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr));
    gap: 0.4rem 1rem;
    inline-size: 100%;
    padding: 1rem;
    border-radius: var(--presence-radius);
    background: var(--presence-ground);
  }
  .steps {
    display: grid;
    gap: 0.9rem;
    justify-items: start;
  }
  .code {
    letter-spacing: 0.12em;
  }
`;

/**
 * @param {string[]} rows `1` is dark
 * @returns {SVGElement}
 */
export function qrPicture(rows) {
  const size = rows.length + 2 * MARGIN;
  const dark = rows.flatMap((row, y) => [...row].map((cell, x) => (cell === "1" ? `M${x + MARGIN} ${y + MARGIN}h1v1h-1z` : "")));
  return svg(
    "svg",
    { class: "qr", viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": words.secondFactor.qr, "shape-rendering": "crispEdges" },
    svg("path", { d: dark.join("") }),
  );
}

/** How to take the secret over into an app. @param {TotpSetUp} setUp */
export function setUpSteps({ secret, uri, qr }) {
  const groups = secret.match(new RegExp(`.{1,${GROUP}}`, "g")) ?? [];
  return h(
    "div",
    { class: "steps" },
    h("p", {}, words.secondFactor.scan),
    qrPicture(qr),
    h("p", { class: "secret soft" }, words.secondFactor.orType, " ", h("code", {}, groups.join(" "))),
    h("p", { class: "soft" }, h("a", { class: "link", href: uri }, words.secondFactor.sameDevice)),
  );
}

/** @param {string} id */
export function codeField(id) {
  const problem = h("p", { class: "error", id: `${id}-problem`, hidden: true });
  const label = h("label", { for: id }, words.secondFactor.code);
  const hint = h("p", { class: "hint", id: `${id}-hint` }, words.secondFactor.codeHint);
  const input = h("input", {
    class: "input code",
    id,
    name: id,
    type: "text",
    inputmode: "numeric",
    autocomplete: "one-time-code",
    autocapitalize: "none",
    spellcheck: "false",
    maxlength: 32,
    "aria-describedby": `${id}-hint ${id}-problem`,
  });
  return { row: h("div", { class: "field" }, label, input, hint, problem), label, hint, input, problem };
}

/**
 * @param {string[]} codes
 * @param {() => void} done somebody has kept them
 */
export function recoveryCodes(codes, done) {
  const copied = h("span", { class: "soft", role: "status" });
  const copy = async () => {
    const isDone = await navigator.clipboard.writeText(codes.join("\n")).then(() => true, () => false);
    setText(copied, isDone ? words.secondFactor.copied : words.secondFactor.notCopied);
  };
  return h(
    "div",
    { class: "steps" },
    h("h3", { tabindex: -1 }, words.secondFactor.codesTitle),
    h("p", {}, words.secondFactor.codesHint),
    h("ul", { class: "codes" }, ...codes.map((code) => h("li", {}, h("code", {}, code)))),
    h(
      "div",
      { class: "buttons" },
      h("button", { class: "button primary", type: "button", onclick: done }, words.secondFactor.codesKept),
      h("button", { class: "button", type: "button", onclick: () => void copy() }, icon("copy"), words.secondFactor.copy),
      copied,
    ),
  );
}
