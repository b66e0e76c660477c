/** Files that are dropped on an element, or pasted into it. */

import { setAttribute } from "./dom.js";
import { css } from "./element.js";
import { words } from "../words.js";

export const dropStyles = css`
  :host([dropping])::after {
    content: attr(dropping);
    position: absolute;
    inset: 0.5rem;
    display: grid;
    place-items: center;
    z-index: 2;
    border: 2px dashed var(--presence-accent);
    border-radius: var(--presence-radius);
    background: color-mix(in srgb, var(--presence-surface) 88%, transparent);
    color: var(--presence-accent);
    font-weight: 600;
    pointer-events: none;
  }
`;

/**
 * @param {HTMLElement} element positioned; shows by its attribute `dropping` that it would take what is dragged over it
 * @param {(files: File[]) => void} take
 * @param {() => string} [hint] said while they are dragged over it
 */
export function acceptFiles(element, take, hint = () => words.files.drop) {
  // Children of the element are entered before they are left, so the depth is 0 only outside.
  let depth = 0;
  const over = () => setAttribute(element, "dropping", depth > 0 ? hint() : null);
  const guarded = (/** @type {(event: DragEvent) => void} */ act) => (/** @type {DragEvent} */ event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    act(event);
    over();
  };
  element.addEventListener("dragenter", guarded(() => depth++));
  element.addEventListener("dragleave", guarded(() => depth--));
  element.addEventListener("dragover", guarded(() => undefined));
  element.addEventListener(
    "drop",
    guarded((event) => {
      depth = 0;
      take([...(event.dataTransfer?.files ?? [])]);
    }),
  );
  element.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    const hasText = event.clipboardData?.types.includes("text/plain") ?? false;
    // Office programs put a picture of a text beside the text: the text is what was meant.
    if (files.length === 0 || hasText) return;
    event.preventDefault();
    take(files);
  });
}
