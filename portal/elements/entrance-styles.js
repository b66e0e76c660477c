/** What the forms before the login share. */

import { css } from "./element.js";

export const entranceStyles = css`
  form,
  .fields {
    display: grid;
    gap: 1.1rem;
  }
  h2 {
    font-size: 1.125rem;
    line-height: 1.3;
  }
  .password {
    position: relative;
  }
  .password .input {
    padding-inline-end: 3rem;
  }
  .password .icon-button {
    position: absolute;
    inset-inline-end: 0.15rem;
    inset-block: 0;
    block-size: auto;
  }
  .icon-button[aria-pressed="true"] {
    color: var(--presence-accent);
  }
  .notice {
    padding: 0.7rem 0.9rem;
    border-radius: var(--presence-radius-small);
    background: var(--presence-notice-soft);
    color: var(--presence-notice-ink);
    overflow-wrap: anywhere;
  }
  .refused {
    padding: 0.7rem 0.9rem;
    border-radius: var(--presence-radius-small);
    background: var(--presence-danger-soft);
  }
  .button.primary {
    min-block-size: 2.75rem;
  }
  .link {
    justify-self: center;
    min-block-size: 2rem;
    padding-inline: 0.5rem;
  }
  strong {
    overflow-wrap: anywhere;
  }
`;
