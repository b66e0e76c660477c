/**
 * A day's states as a line of steps: the less somebody can be reached, the higher the step, so that the colours can be
 * told apart without seeing them. The drawing is for eyes only; the same stands in a list beside it.
 */

import { h, setChildren, svg } from "./dom.js";
import { css } from "./element.js";
import { marksOf } from "./why-view.js";
import { words } from "../words.js";

/**
 * @import { Span, State } from "./why-view.js"
 * @import { Times } from "./times.js"
 */

const BASE = 44;
const HEIGHT = 64;
/** Labels nearer to an end of the line than this would be cut off. */
const MARGIN = 0.05;
/** Here stands "now". */
const ROOM_FOR_NOW = 0.1;

/** @type {Record<State, number>} */
const HEIGHTS = { phone: 40, ringing: 40, dnd: 40, "chat-only": 28, available: 18, offline: 3, unknown: 18, unrecorded: 0 };

export const dayLineStyles = css`
  .day svg {
    display: block;
    inline-size: 100%;
    block-size: 64px;
    overflow: visible;
  }
  .step {
    stroke-width: 1;
  }
  .phone,
  .ringing,
  .dnd {
    fill: var(--presence-red);
    stroke: var(--presence-red);
  }
  .chat-only {
    fill: var(--presence-blue);
    stroke: var(--presence-blue);
  }
  .available {
    fill: var(--presence-green);
    stroke: var(--presence-green);
  }
  .offline {
    fill: var(--presence-grey);
    stroke: var(--presence-grey);
  }
  .step.unknown {
    fill: none;
    stroke: var(--presence-grey);
    stroke-width: 1.5;
    stroke-dasharray: 3 2.5;
  }
  .bar-of-dnd {
    stroke: var(--presence-on-dot);
    stroke-width: 3;
  }
  .axis {
    stroke: var(--presence-line-control);
    stroke-width: 1;
  }
  .axis.unrecorded {
    stroke-dasharray: 2 4;
  }
  .axis,
  .bar-of-dnd {
    vector-effect: non-scaling-stroke;
  }
  .legend .bar-of-dnd {
    stroke-width: 2;
  }
  .mark {
    stroke: var(--presence-line);
    stroke-width: 1;
  }
  .day text {
    fill: var(--presence-ink-soft);
    font-size: 12px;
    font-variant-numeric: tabular-nums;
  }
  .legend {
    display: flex;
    flex-wrap: wrap;
    gap: 0.3rem 1rem;
    margin-block-start: 0.5rem;
    color: var(--presence-ink-soft);
    font-size: 0.8125rem;
  }
  .legend li {
    display: inline-flex;
    align-items: baseline;
    gap: 0.4em;
  }
  .legend svg {
    inline-size: 14px;
    block-size: 22px;
  }
  @media (forced-colors: active) {
    .step,
    .bar-of-dnd {
      forced-color-adjust: none;
    }
  }
`;

/** @returns {HTMLElement & {show: (spans: Span[], times: Times) => void}} */
export function dayLine() {
  const drawing = h("div");
  const legend = h("ul", { class: "legend" });
  return Object.assign(h("div", { class: "day", "aria-hidden": "true" }, drawing, legend), {
    show(/** @type {Span[]} */ spans, /** @type {Times} */ times) {
      setChildren(drawing, drawingOf(spans, times));
      const states = [...new Set(spans.map((span) => span.state))];
      setChildren(legend, ...states.map((state) => h("li", {}, swatch(state), words.why.states[state])));
    },
  });
}

/**
 * @param {Span[]} spans
 * @param {Times} times
 */
function drawingOf(spans, times) {
  const from = spans[0]?.from ?? 0;
  const to = spans.at(-1)?.to ?? 1;
  const part = (/** @type {number} */ moment) => (moment - from) / (to - from);
  const percent = (/** @type {number} */ fraction) => `${(100 * fraction).toFixed(3)}%`;
  const drawing = svg("svg", { height: HEIGHT });
  for (const mark of marksOf(from, to, times)) {
    const x = percent(part(mark));
    drawing.append(svg("line", { class: "mark", x1: x, x2: x, y1: 0, y2: BASE + 4 }));
    if (part(mark) < MARGIN || part(mark) > 1 - ROOM_FOR_NOW) continue;
    drawing.append(label(x, "middle", times.time(mark * 1_000)));
  }
  for (const span of spans) {
    drawing.append(...step(span.state, percent(part(span.from)), percent(part(span.to) - part(span.from)), percent(part(span.to))));
  }
  drawing.append(label("100%", "end", words.why.now));
  return drawing;
}

/**
 * @param {State} state
 * @param {string | number} x
 * @param {string | number} width
 * @param {string | number} end
 */
function step(state, x, width, end) {
  const height = HEIGHTS[state];
  const drawn = [svg("line", { class: `axis ${state}`, x1: x, x2: end, y1: BASE, y2: BASE })];
  if (height > 0) drawn.push(svg("rect", { class: `step ${state}`, x, width, y: BASE - height, height }));
  // The sign of the dot: a bar across.
  if (state === "dnd") drawn.push(svg("line", { class: "bar-of-dnd", x1: x, x2: end, y1: BASE - height / 2, y2: BASE - height / 2 }));
  return drawn;
}

/** @param {State} state */
function swatch(state) {
  return svg("svg", { viewBox: `0 0 28 ${BASE}`, "aria-hidden": "true" }, ...step(state, 1, 26, 27));
}

/**
 * @param {string} x
 * @param {string} anchor
 * @param {string} text
 */
function label(x, anchor, text) {
  return svg("text", { x, y: HEIGHT - 3, "text-anchor": anchor }, document.createTextNode(text));
}
