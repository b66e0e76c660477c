/** Generated from tokens.css by `presence generate`; do not edit. */

/** What the elements look like where the page does not say otherwise. */
export function theme() {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
  :where(:root) {
    --presence-font: ui-sans-serif, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
    --presence-ground: light-dark(#f3f1ec, #121417);
    --presence-surface: light-dark(#fffefb, #1a1d21);
    --presence-raised: light-dark(#f0ede6, #262a30);
    --presence-line: light-dark(#e0dbd1, #30353c);
    --presence-line-control: light-dark(#8a8475, #7b828c);
    --presence-ink: light-dark(#1e2025, #eeece7);
    --presence-ink-soft: light-dark(#5d6067, #aab0b8);
    --presence-accent: light-dark(#2057c7, #8db2ff);
    --presence-accent-strong: light-dark(#184499, #b4ccff);
    --presence-accent-ink: light-dark(#ffffff, #0c1a36);
    --presence-accent-soft: light-dark(#e4ecfb, #202e4a);
    --presence-own: light-dark(#2057c7, #2c509f);
    --presence-own-ink: light-dark(#ffffff, #f0f4ff);
    --presence-star: light-dark(#a8650a, #f0b445);
    --presence-green: light-dark(#17834a, #45c281);
    --presence-red: light-dark(#c5322c, #f4604f);
    --presence-blue: light-dark(#1d63dd, #6fa5ff);
    --presence-grey: light-dark(#737881, #8d949e);
    --presence-on-dot: light-dark(#ffffff, #15171a);
    --presence-danger: light-dark(#ae2620, #ff9189);
    --presence-danger-soft: light-dark(#fbe7e4, #40211f);
    --presence-notice-soft: light-dark(#fdf1cf, #3a3018);
    --presence-notice-ink: light-dark(#5c4300, #f4d98b);
    --presence-radius: 12px;
    --presence-radius-small: 8px;
    --presence-shadow: 0 1px 2px light-dark(rgb(40 32 16 / 6%), rgb(0 0 0 / 40%)),
      0 8px 24px light-dark(rgb(40 32 16 / 7%), rgb(0 0 0 / 30%));
  }`);
  return sheet;
}
