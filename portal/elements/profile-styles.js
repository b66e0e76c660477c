/** What forms about a person look like. */

import { css } from "./element.js";

export const profileStyles = css`
  :host {
    display: grid;
    grid-template-rows: auto minmax(0, 1fr);
    min-block-size: 0;
    background: var(--presence-surface);
  }
  :host([user]) {
    grid-template-rows: minmax(0, 1fr);
  }
  header {
    display: flex;
    align-items: center;
    gap: 0.75rem;
    min-block-size: 4rem;
    padding: 0.5rem 1rem;
    border-block-end: 1px solid var(--presence-line);
  }
  header h2 {
    flex: 1;
    font-size: 1.0625rem;
  }
  header .icon-button {
    margin-inline-start: -0.5rem;
  }
  .page {
    display: grid;
    grid-template-rows: minmax(0, 1fr) auto;
    min-block-size: 0;
  }
  .scroll {
    padding: 1.25rem 1rem 2rem;
  }
  .fields {
    display: grid;
    gap: 1.75rem;
    max-inline-size: 40rem;
    margin-inline: auto;
  }
  section {
    display: grid;
    gap: 0.9rem;
  }
  h3 {
    font-size: 0.9375rem;
  }
  .pair {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr));
    gap: 0.9rem;
  }
  .email {
    display: grid;
    grid-template-columns: 1fr auto;
    gap: 0.25rem 0.5rem;
  }
  .email .error {
    grid-column: 1 / -1;
  }
  dl {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr));
    gap: 0.9rem 1.25rem;
    padding: 1rem;
    border-radius: var(--presence-radius);
    background: var(--presence-ground);
  }
  dt {
    font-size: 0.75rem;
    color: var(--presence-ink-soft);
  }
  dd {
    overflow-wrap: anywhere;
  }
  .bar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.6rem;
    padding: 0.8rem 1rem calc(0.8rem + env(safe-area-inset-bottom, 0px));
    border-block-start: 1px solid var(--presence-line);
  }
  .bar .said {
    flex: 1;
    min-inline-size: 10rem;
  }
  .saved {
    color: var(--presence-green);
    font-weight: 600;
  }
  .elsewhere {
    position: sticky;
    inset-block-start: -0.25rem;
    z-index: 1;
    box-shadow: var(--presence-shadow);
    display: flex;
    flex-wrap: wrap;
    gap: 0.6rem;
    align-items: center;
    justify-content: space-between;
    padding: 0.7rem 0.9rem;
    border-radius: var(--presence-radius-small);
    background: var(--presence-notice-soft);
    color: var(--presence-notice-ink);
  }
  .placeholder {
    block-size: 2.5rem;
  }
  .failed {
    display: grid;
    justify-items: start;
    gap: 0.75rem;
  }
  .emails {
    display: grid;
    gap: 0.6rem;
  }
  .email .waiting {
    grid-column: 1 / -1;
    display: flex;
    flex-wrap: wrap;
    gap: 0.25rem 0.75rem;
    align-items: center;
    font-size: 0.8125rem;
    color: var(--presence-ink-soft);
  }
  .email .waiting .link {
    min-block-size: 1.75rem;
  }
  select.input {
    appearance: auto;
  }
  .input:read-only:not(select),
  .input:disabled {
    background: var(--presence-ground);
  }
`;
