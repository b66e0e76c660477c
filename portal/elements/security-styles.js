/** What the parts of the security page share. */

import { css } from "./element.js";

export const securityStyles = css`
  :host {
    display: grid;
    gap: 0.9rem;
  }
  h3 {
    font-size: 0.9375rem;
  }
  form,
  .stack {
    display: grid;
    gap: 0.9rem;
    justify-items: start;
  }
  .field {
    inline-size: min(100%, 24rem);
  }
  .buttons {
    display: flex;
    flex-wrap: wrap;
    gap: 0.6rem;
    align-items: center;
  }
  .rows {
    display: grid;
    border: 1px solid var(--presence-line);
    border-radius: var(--presence-radius);
  }
  .rows li {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr) auto;
    gap: 0.1rem 0.9rem;
    align-items: center;
    padding: 0.8rem 1rem;
  }
  .rows li + li {
    border-block-start: 1px solid var(--presence-line);
  }
  .rows svg {
    color: var(--presence-ink-soft);
  }
  .rows strong {
    overflow-wrap: anywhere;
  }
  .rows .soft {
    font-size: 0.8125rem;
    overflow-wrap: anywhere;
  }
  .mark {
    padding: 0.1rem 0.55rem;
    border-radius: 1rem;
    background: var(--presence-accent-soft);
    font-size: 0.8125rem;
    font-weight: 600;
  }
  .done {
    color: var(--presence-green);
    font-weight: 600;
  }
`;
