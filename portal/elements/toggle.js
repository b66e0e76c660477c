/** A switch with its name and a line of explanation: on, off, on its way, or refused with the reason. */

import { h, setAttribute, setText } from "./dom.js";
import { css } from "./element.js";
import { sentenceOf } from "./who.js";

export const toggleStyles = css`
  .toggle {
    display: flex;
    align-items: center;
    gap: 0.75rem;
    inline-size: 100%;
    min-block-size: 2.75rem;
    padding: 0.3rem 0.5rem;
    margin-inline: -0.5rem;
    inline-size: calc(100% + 1rem);
    border-radius: var(--presence-radius-small);
  }
  @media (hover: hover) {
    .toggle:hover:not(:disabled) {
      background: var(--presence-raised);
    }
  }
  .toggle .text {
    flex: 1;
    min-inline-size: 0;
  }
  .toggle .name {
    display: block;
    font-weight: 600;
  }
  .toggle .hint {
    display: block;
    color: var(--presence-ink-soft);
    font-size: 0.8125rem;
  }
  .toggle .track {
    flex: none;
    inline-size: 2.5rem;
    block-size: 1.5rem;
    border-radius: 1rem;
    border: 1.5px solid var(--presence-line-control);
    background: var(--presence-surface);
    transition: background-color 0.15s, border-color 0.15s;
    display: grid;
    align-items: center;
  }
  .toggle .knob {
    inline-size: 1rem;
    block-size: 1rem;
    margin-inline-start: 0.19rem;
    border-radius: 50%;
    background: var(--presence-line-control);
    transition: translate 0.15s, background-color 0.15s;
    display: grid;
    place-items: center;
  }
  .toggle .knob::after {
    content: "";
    inline-size: 0.5rem;
    block-size: 2px;
    border-radius: 1px;
    background: transparent;
  }
  .toggle[aria-checked="true"] .track {
    background: var(--toggle-colour, var(--presence-accent));
    border-color: var(--toggle-colour, var(--presence-accent));
  }
  .toggle[aria-checked="true"] .knob {
    background: var(--presence-on-dot);
    translate: 0.94rem;
  }
  .toggle.dnd[aria-checked="true"] .knob::after {
    background: var(--presence-red);
  }
  .toggle.dnd {
    --toggle-colour: var(--presence-red);
  }
  .toggle[aria-busy="true"] .track {
    opacity: 0.6;
  }
  .toggle:disabled .track {
    opacity: 0.5;
  }
  @media (forced-colors: active) {
    .toggle .track {
      forced-color-adjust: none;
      border-color: ButtonText;
      background: Canvas;
    }
    .toggle .knob {
      background: ButtonText;
    }
    .toggle[aria-checked="true"] .track {
      border-color: Highlight;
      background: Highlight;
    }
    .toggle[aria-checked="true"] .knob {
      background: HighlightText;
    }
  }
`;

/**
 * @typedef {HTMLElement & {show: (state: {checked: boolean, disabled?: boolean, hint?: string}) => void}} Toggle
 *
 * @param {{name: string, className?: string, change: (on: boolean) => Promise<unknown>}} options `change` carries it out;
 *   while it does the switch is busy, and if it fails the switch says why
 * @returns {Toggle}
 */
export function toggle({ name, className = "", change }) {
  const hint = h("span", { class: "hint" });
  const error = h("p", { class: "error", role: "alert", hidden: true });
  let isBusy = false;
  const button = h(
    "button",
    { type: "button", role: "switch", class: `toggle ${className}`, "aria-checked": "false", onclick: () => void flip() },
    h("span", { class: "text" }, h("span", { class: "name" }, name), hint),
    h("span", { class: "track", "aria-hidden": "true" }, h("span", { class: "knob" })),
  );
  const flip = async () => {
    if (isBusy) return;
    isBusy = true;
    setAttribute(button, "aria-busy", "true");
    error.hidden = true;
    try {
      await change(button.getAttribute("aria-checked") !== "true");
    } catch (problem) {
      setText(error, sentenceOf(problem));
      error.hidden = false;
    } finally {
      isBusy = false;
      setAttribute(button, "aria-busy", null);
    }
  };
  return Object.assign(h("div", {}, button, error), {
    show(/** @type {{checked: boolean, disabled?: boolean, hint?: string}} */ state) {
      setAttribute(button, "aria-checked", String(state.checked));
      button.disabled = state.disabled ?? false;
      setText(hint, state.hint ?? "");
      hint.hidden = !state.hint;
    },
  });
}
