/** Our icons: strokes on a grid of 24, drawn for this page. They are decoration; what they mean stands beside them. */

import { svg } from "./dom.js";

/** @type {Record<string, string[]>} */
const STROKES = {
  search: ["M10.5 4a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13z", "M15.5 15.5L20 20"],
  send: ["M4 12L20 4L15 20L11.5 13.5z", "M11.5 13.5L20 4"],
  back: ["M15 5L8 12L15 19"],
  people: ["M9 4.5a3.2 3.2 0 1 1 0 6.4a3.2 3.2 0 0 1 0-6.4z", "M3 19c0-3.5 2.6-5.6 6-5.6s6 2.1 6 5.6", "M15.5 4.9a3.2 3.2 0 0 1 0 5.7", "M17.5 13.9c2.1.7 3.5 2.5 3.5 5.1"],
  chats: ["M4 6.5C4 5.1 5.1 4 6.5 4h11C18.9 4 20 5.1 20 6.5v7c0 1.4-1.1 2.5-2.5 2.5H11l-5 4v-4C4.8 15.8 4 14.8 4 13.5z"],
  you: ["M12 4a4 4 0 1 1 0 8a4 4 0 0 1 0-8z", "M4.5 20c0-4 3.2-6 7.5-6s7.5 2 7.5 6"],
  phone: ["M6.5 3.5l3 .5l1.2 4l-2.2 1.8a12 12 0 0 0 5.7 5.7l1.8-2.2l4 1.2l.5 3c.1 1.6-1.2 3-2.9 2.9C10.3 20 4 13.7 3.6 6.4c-.1-1.7 1.3-3 2.9-2.9z"],
  hangup: ["M3 14.5c0-2.5 4-4.5 9-4.5s9 2 9 4.5c0 1.1-.6 2.1-1.6 1.9l-2.8-.6c-.8-.2-1.3-.8-1.3-1.6v-1.4c-2-.6-4.6-.6-6.6 0v1.4c0 .8-.5 1.4-1.3 1.6l-2.8.6c-1 .2-1.6-.8-1.6-1.9z"],
  device: ["M5 4.5h14v15H5z", "M8.5 8h7v3h-7z", "M8.5 14.5v.1M12 14.5v.1M15.5 14.5v.1M8.5 17v.1M12 17v.1M15.5 17v.1"],
  pause: ["M9 5v14", "M15 5v14"],
  play: ["M8 5l11 7l-11 7z"],
  bell: ["M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15z", "M10 20.5h4"],
  dnd: ["M12 3.5a8.5 8.5 0 1 1 0 17a8.5 8.5 0 0 1 0-17z", "M8 12h8"],
  clock: ["M12 3.5a8.5 8.5 0 1 1 0 17a8.5 8.5 0 0 1 0-17z", "M12 7.5V12l3 2"],
  check: ["M5 12.5l4.5 4.5L19 7"],
  checks: ["M2.5 12.5L7 17L16 7", "M11.5 16.5L12 17L21.5 7"],
  alert: ["M12 4L21 19.5H3z", "M12 10v4.5", "M12 16.9v.2"],
  close: ["M6 6l12 12", "M18 6L6 18"],
  plus: ["M12 5v14", "M5 12h14"],
  eye: ["M2.5 12S6 5.5 12 5.5S21.5 12 21.5 12S18 18.5 12 18.5S2.5 12 2.5 12z", "M12 9.3a2.7 2.7 0 1 1 0 5.4a2.7 2.7 0 0 1 0-5.4z"],
  hidden: ["M4 4l16 16", "M9.5 5.9c.8-.3 1.6-.4 2.5-.4C18 5.5 21.5 12 21.5 12a16 16 0 0 1-2.9 3.8", "M6.5 7.7A15 15 0 0 0 2.5 12S6 18.5 12 18.5c1.6 0 3-.4 4.2-1.1", "M10 10.3a2.7 2.7 0 0 0 3.7 3.7"],
  why: ["M12 3.5a8.5 8.5 0 1 1 0 17a8.5 8.5 0 0 1 0-17z", "M9.5 9.6a2.5 2.5 0 1 1 3.7 2.2c-.8.4-1.2.9-1.2 1.7", "M12 16.5v.1"],
  down: ["M5 9l7 7l7-7"],
  logout: ["M10 4H5.5v16H10", "M14.5 8l4 4l-4 4", "M9.5 12h9"],
  edit: ["M4 20l1-4.5L16.5 4L20 7.5L8.5 19z", "M14 6.5L17.5 10"],
  attach: ["M18.5 11.5L12 18a4.2 4.2 0 0 1-6-6L13 5a2.8 2.8 0 0 1 4 4l-6.8 6.8a1.4 1.4 0 0 1-2-2L14 8"],
  file: ["M6 3.5h8L18.5 8v12.5H6z", "M13.5 3.5V8.5H18.5"],
  save: ["M12 4v11", "M7.5 11L12 15.5L16.5 11", "M5 19.5h14"],
  live: ["M5.5 18.5a9.2 9.2 0 0 1 0-13", "M18.5 5.5a9.2 9.2 0 0 1 0 13", "M8.8 15.2a4.5 4.5 0 0 1 0-6.4", "M15.2 8.8a4.5 4.5 0 0 1 0 6.4", "M12 11.9v.2"],
  cut: ["M4 4l16 16", "M5.5 18.5a9.2 9.2 0 0 1-1.7-10.6", "M8.8 15.2a4.5 4.5 0 0 1-1.1-4.6", "M15.2 8.8a4.5 4.5 0 0 1 1.1 4.6", "M18.5 5.5a9.2 9.2 0 0 1 1.7 10.6"],
};

/**
 * @param {keyof typeof STROKES} name
 * @returns {SVGElement}
 */
export function icon(name) {
  const strokes = STROKES[name] ?? [];
  return svg(
    "svg",
    {
      class: "icon",
      viewBox: "0 0 24 24",
      fill: "none",
      stroke: "currentColor",
      "stroke-width": 1.8,
      "stroke-linecap": "round",
      "stroke-linejoin": "round",
      "aria-hidden": "true",
    },
    ...strokes.map((d) => svg("path", { d })),
  );
}

/** The mark: a person's two dots, to call and to chat. */
export function mark() {
  return svg(
    "svg",
    { class: "mark", viewBox: "0 0 32 32", "aria-hidden": "true" },
    svg("circle", { cx: 14, cy: 14, r: 11, class: "mark-call" }),
    svg("circle", { cx: 23.5, cy: 23.5, r: 7.5, class: "mark-edge" }),
    svg("circle", { cx: 23.5, cy: 23.5, r: 5.5, class: "mark-chat" }),
  );
}
