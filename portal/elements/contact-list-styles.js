/** How the list of people looks: its controls, its rows, on desks and phones. */

import { css } from "./element.js";

export const contactListStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-block-size: 0;
  }
  .controls {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 0.6rem;
    padding: 0.75rem 1rem 0.6rem;
    border-block-end: 1px solid var(--presence-line);
  }
  .search {
    position: relative;
  }
  .search svg {
    position: absolute;
    inset-inline-start: 0.7rem;
    inset-block-start: calc(50% - 0.625em);
    color: var(--presence-ink-soft);
    pointer-events: none;
  }
  .search .input {
    padding-inline-start: 2.3rem;
    border-radius: 1.25rem;
  }
  fieldset {
    display: grid;
    grid-auto-flow: column;
    grid-auto-columns: auto;
    gap: 0.25rem;
    margin: 0;
    padding: 0;
    border: 0;
  }
  .chip {
    position: relative;
    display: grid;
    justify-items: center;
    padding: 0.3rem 0.2rem;
    border-radius: var(--presence-radius-small);
    font-size: 0.8125rem;
    line-height: 1.25;
    color: var(--presence-ink-soft);
    cursor: pointer;
  }
  .chip input {
    position: absolute;
    inset: 0;
    opacity: 0;
    margin: 0;
    cursor: pointer;
  }
  .chip b {
    font-size: 0.9375rem;
    font-variant-numeric: tabular-nums;
    color: var(--presence-ink);
    /* Counts change all the time: nobody gives way to one more digit. */
    contain: strict;
    inline-size: 100%;
    min-inline-size: 5ch;
    block-size: 1.25em;
    text-align: center;
    pointer-events: none;
  }
  .chip:has(:checked) {
    background: var(--presence-accent-soft);
    color: var(--presence-accent);
    font-weight: 600;
  }
  .chip:has(:checked) b {
    color: var(--presence-accent);
  }
  .chip:has(:focus-visible) {
    outline: 2px solid var(--presence-accent);
    outline-offset: 1px;
  }
  .selects {
    display: flex;
    gap: 0.5rem;
  }
  .selects select:first-child {
    flex: 1;
  }
  select {
    min-inline-size: 0;
    min-block-size: 2rem;
    padding: 0.15rem 0.3rem;
    font-size: 0.8125rem;
    border: 1px solid transparent;
    border-radius: var(--presence-radius-small);
    background: transparent;
    color: var(--presence-ink-soft);
    text-overflow: ellipsis;
  }
  select option,
  select optgroup {
    background: var(--presence-surface);
    color: var(--presence-ink);
  }
  .scroll {
    flex: 1;
    min-block-size: 0;
    padding: 0.35rem 0.5rem 1rem;
    /* Where one reads is kept by the list itself (long-list.js). */
    overflow-anchor: none;
  }
  .rows {
    position: relative;
  }
  li {
    position: absolute;
    inset-block-start: 0;
    inset-inline: 0;
    block-size: 3.6rem;
    /* Nothing in a row changes anything outside of it. */
    contain: strict;
  }
  .person {
    display: flex;
    align-items: center;
    gap: 0.8rem;
    inline-size: 100%;
    block-size: 3.6rem;
    padding: 0 0.6rem;
    border-radius: var(--presence-radius-small);
    --presence-dot-edge: var(--presence-surface);
  }
  @media (hover: hover) {
    .chip:hover:not(:has(:checked)),
    select:hover {
      background: var(--presence-raised);
    }
    .person:hover {
      background: var(--presence-raised);
      --presence-dot-edge: var(--presence-raised);
    }
  }
  .person[aria-current="true"] {
    background: var(--presence-accent-soft);
    --presence-dot-edge: var(--presence-accent-soft);
  }
  @media (forced-colors: active) {
    .chip:has(:checked),
    .person[aria-current="true"] {
      outline: 2px solid Highlight;
      outline-offset: -2px;
    }
  }
  .person:focus-visible {
    outline-offset: -2px;
  }
  .tools {
    position: absolute;
    inset-block-start: 0.7rem;
    inset-inline-end: 0.25rem;
    display: flex;
    border-radius: 1.25rem;
  }
  .tools .icon-button {
    inline-size: 2.2rem;
    block-size: 2.2rem;
  }
  .star[aria-pressed="true"] {
    color: var(--presence-star);
  }
  .star[aria-pressed="true"] svg {
    fill: currentcolor;
  }
  .person {
    padding-inline-end: 2.7rem;
  }
  @media (hover: hover) {
    .person {
      padding-inline-end: 0.6rem;
    }
    li:has(.star[aria-pressed="true"]) .person {
      padding-inline-end: 2.7rem;
    }
    li:not(:hover, :focus-within) .tools > :not([aria-pressed="true"]) {
      opacity: 0;
    }
    li:not(:hover, :focus-within) .tools {
      pointer-events: none;
    }
    li:is(:hover, :focus-within) .tools {
      background: var(--presence-raised);
    }
    li:is(:hover, :focus-within) .person {
      padding-inline-end: 7.2rem;
    }
    li:is(:hover, :focus-within) .extension {
      display: none;
    }
    .tools .icon-button:hover:not(:disabled) {
      background: var(--presence-surface);
    }
  }
  @media (hover: none) {
    .tools > .why,
    .extension {
      display: none;
    }
    .person {
      padding-inline-end: 6.1rem;
    }
  }
  .top {
    display: flex;
    gap: 0.35rem;
    align-items: center;
  }
  .top .search {
    flex: 1;
  }
  .top > .icon-button {
    margin-inline-end: -0.35rem;
  }
  @media (pointer: coarse) {
    .tools {
      inset-block-start: 0.425rem;
    }
    .reorder {
      min-block-size: 2.75rem;
    }
  }
  .reorder {
    flex: none;
    min-inline-size: 0;
    padding: 0.15rem 0.5rem;
    border-radius: var(--presence-radius-small);
    background: var(--presence-accent-soft);
    color: var(--presence-accent);
    font-size: 0.8125rem;
    font-weight: 600;
    white-space: nowrap;
  }
  .reorder[data-off] {
    visibility: hidden;
  }
  .direction svg {
    transition: rotate 0.15s;
  }
  .direction[aria-pressed="true"] svg {
    rotate: 180deg;
  }
  .selects .icon-button {
    inline-size: 2rem;
    block-size: 2rem;
  }
  .picked {
    display: flex;
    flex-wrap: wrap;
    gap: 0.4rem;
    align-items: center;
    padding: 0.5rem 1rem;
    border-block-end: 1px solid var(--presence-line);
    background: var(--presence-accent-soft);
  }
  .picked b {
    flex: 1;
    font-weight: 600;
  }
  .pick {
    inline-size: 1.25rem;
    block-size: 1.25rem;
    margin-inline: 0.6rem 0;
    flex: none;
    accent-color: var(--presence-accent);
  }
  li:has(.pick:not([hidden])) {
    display: flex;
    align-items: center;
  }
  li:has(.pick:not([hidden])) .tools {
    display: none;
  }
  li:has(.pick:not([hidden])) .person {
    flex: 1;
    min-inline-size: 0;
    padding-inline-end: 0.6rem;
  }
  .mark-shared {
    flex: none;
    font-size: 0.6875rem;
    font-weight: 600;
    padding: 0 0.4rem;
    border-radius: 1rem;
    background: var(--presence-raised);
    color: var(--presence-ink-soft);
  }
  .text {
    flex: 1;
    min-inline-size: 0;
  }
  .name,
  .reason {
    display: block;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .name {
    font-weight: 600;
  }
  .reason {
    font-size: 0.8125rem;
    color: var(--presence-ink-soft);
  }
  .reason i {
    color: var(--presence-ink);
    font-style: normal;
  }
  .extension {
    font-size: 0.8125rem;
    font-variant-numeric: tabular-nums;
    color: var(--presence-ink-soft);
  }
  :host([stale]) presence-dot {
    filter: grayscale(1);
    opacity: 0.6;
    transition: filter 0.4s 2s, opacity 0.4s 2s;
  }
  .empty {
    display: grid;
    gap: 1rem;
    justify-items: center;
    padding: 3rem 1.5rem;
    text-align: center;
    color: var(--presence-ink-soft);
  }
  .placeholder {
    display: flex;
    align-items: center;
    gap: 0.8rem;
    block-size: 3.6rem;
    padding: 0 0.6rem;
  }
  .placeholder .round {
    inline-size: 2.5rem;
    block-size: 2.5rem;
    border-radius: 50%;
  }
  .placeholder .line {
    display: block;
    block-size: 0.7rem;
    inline-size: 9rem;
  }
  .placeholder .line + .line {
    inline-size: 6rem;
    margin-block-start: 0.45rem;
  }
`;
