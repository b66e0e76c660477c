/** What dialogs have in common: a box in the middle of a desk, all of a phone; a title, a body, buttons below. */

import { css } from "./element.js";

export const dialogStyles = css`
  :host {
    display: contents;
  }
  dialog {
    max-inline-size: none;
    max-block-size: none;
    padding: 0;
    border: 1px solid var(--presence-line);
    border-radius: calc(var(--presence-radius) * 1.5);
    background: var(--presence-surface);
    color: var(--presence-ink);
    box-shadow: var(--presence-shadow);
    overflow: hidden;
  }
  dialog[open] {
    display: grid;
    grid-template-rows: auto minmax(0, 1fr) auto;
  }
  dialog::backdrop {
    background: rgb(0 0 0 / 45%);
  }
  .body {
    display: grid;
    min-block-size: 0;
  }
  dialog header {
    display: flex;
    align-items: center;
    gap: 0.75rem;
    min-block-size: 3.5rem;
    padding: 0.4rem 0.75rem 0.4rem 1.25rem;
    border-block-end: 1px solid var(--presence-line);
  }
  dialog h2 {
    margin-inline-end: auto;
    font-size: 1.0625rem;
  }
  dialog h2:focus {
    outline: none;
  }
  dialog footer {
    display: flex;
    flex-wrap: wrap;
    justify-content: end;
    gap: 0.6rem;
    padding: 0.8rem 1.25rem calc(0.8rem + env(safe-area-inset-bottom, 0px));
    border-block-start: 1px solid var(--presence-line);
  }
  @media (width < 48rem) {
    dialog {
      inline-size: 100vw !important;
      block-size: 100dvh !important;
      border: 0;
      border-radius: 0;
    }
  }
`;
