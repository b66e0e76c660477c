/** The sheet that every element's shadow root starts with: type, controls, focus. */

export const base = new CSSStyleSheet();

base.replaceSync(`
  :host {
    display: block;
    box-sizing: border-box;
    color: var(--presence-ink);
    font-family: var(--presence-font, system-ui, sans-serif);
    font-size: 0.9375rem;
    line-height: 1.4;
  }
  :host([hidden]), [hidden] { display: none !important; }
  *, *::before, *::after { box-sizing: border-box; }
  h1, h2, h3, p, ul, ol, dl, dd, figure { margin: 0; padding: 0; }
  ul, ol { list-style: none; }

  button, input, select, textarea { font: inherit; color: inherit; }
  button { cursor: pointer; border: 0; background: none; padding: 0; text-align: inherit; touch-action: manipulation; }
  button:disabled { cursor: not-allowed; }
  :focus { outline: none; }
  :focus-visible { outline: 2px solid var(--presence-accent); outline-offset: 2px; }

  .button {
    display: inline-flex; align-items: center; justify-content: center; gap: 0.45em;
    min-height: 2.5rem; padding: 0.4rem 1rem;
    border-radius: var(--presence-radius-small); border: 1px solid var(--presence-line-control);
    background: var(--presence-surface); color: var(--presence-ink); font-weight: 600; transition: background-color 0.12s, border-color 0.12s;
  }
  .button:hover:not(:disabled) { background: var(--presence-raised); }
  .button.primary { background: var(--presence-accent); border-color: var(--presence-accent); color: var(--presence-accent-ink); }
  .button.primary:hover:not(:disabled) { background: var(--presence-accent-strong); border-color: var(--presence-accent-strong); }
  .button.danger { color: var(--presence-danger); border-color: currentcolor; }
  .button.small { min-height: 2rem; padding: 0.15rem 0.7rem; font-size: 0.875rem; }
  .button:disabled { opacity: 0.55; }
  .icon-button {
    display: inline-grid; place-items: center; inline-size: 2.5rem; block-size: 2.5rem; flex: none;
    border-radius: 50%; color: var(--presence-ink-soft); transition: background-color 0.12s;
  }
  .icon-button:hover:not(:disabled) { background: var(--presence-raised); color: var(--presence-ink); }
  .link { color: var(--presence-accent); text-decoration: underline; text-underline-offset: 0.15em; }

  .field { display: grid; gap: 0.3rem; }
  .field > label, .label { font-weight: 600; font-size: 0.875rem; }
  .field > .hint { color: var(--presence-ink-soft); font-size: 0.8125rem; }
  .input {
    inline-size: 100%; min-height: 2.5rem; padding: 0.45rem 0.75rem;
    background: var(--presence-surface); border: 1px solid var(--presence-line-control);
    border-radius: var(--presence-radius-small);
  }
  .input::placeholder { color: var(--presence-ink-soft); opacity: 1; }
  .input:focus-visible { outline-offset: 0; border-color: var(--presence-accent); }
  .input[aria-invalid="true"] { border-color: var(--presence-danger); }
  .error { display: flex; gap: 0.4em; align-items: start; color: var(--presence-danger); font-size: 0.875rem; }
  .error svg { flex: none; margin-block-start: 0.1em; }

  dialog.question {
    max-inline-size: 24rem; padding: 1.5rem; border: 1px solid var(--presence-line); border-radius: var(--presence-radius);
    background: var(--presence-surface); color: var(--presence-ink); box-shadow: var(--presence-shadow);
  }
  dialog::backdrop { background: rgb(0 0 0 / 45%); }
  dialog.question form { display: flex; justify-content: end; gap: 0.6rem; margin-block-start: 1.25rem; }

  .soft { color: var(--presence-ink-soft); }
  .visually-hidden {
    position: absolute; inline-size: 1px; block-size: 1px; margin: -1px; padding: 0; overflow: hidden;
    clip-path: inset(50%); white-space: nowrap; border: 0;
  }
  svg.icon { inline-size: 1.25em; block-size: 1.25em; flex: none; display: block; }

  .skeleton { border-radius: 6px; background: var(--presence-raised); animation: breathe 1.6s ease-in-out infinite alternate; }
  @keyframes breathe { from { opacity: 1; } to { opacity: 0.45; } }

  /* As high as a finger needs, whatever an element says of its own controls. */
  @media (pointer: coarse) {
    :is(.button.small, .button, .input, .icon-button, .link, .chip, button.page, select, [role="tab"], [role^="menuitem"]) { min-block-size: 2.75rem; }
    .icon-button { min-inline-size: 2.75rem; }
  }

  .scroll { overflow-y: auto; overscroll-behavior: contain; scrollbar-width: thin; scrollbar-color: var(--presence-line-control) transparent; }

  @media (prefers-reduced-motion: reduce) {
    *, *::before, *::after { animation: none !important; transition: none !important; scroll-behavior: auto !important; }
  }
`);
