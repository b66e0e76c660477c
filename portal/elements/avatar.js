/** A person's round picture: the photo, or initials on one of eight quiet colours; with the dot in front, but for contacts. */

import { h, setAttribute, setText } from "./dom.js";
import { css } from "./element.js";
import { photoOf } from "./photos.js";
import { initialsOf } from "../client/people.js";

/** @import { PresenceDot } from "./presence-dot.js" */

export const avatarStyles = css`
  .avatar {
    position: relative;
    flex: none;
    display: grid;
    place-items: center;
    inline-size: var(--avatar-size, 2.5rem);
    block-size: var(--avatar-size, 2.5rem);
    border-radius: 50%;
    font-weight: 600;
    font-size: calc(var(--avatar-size, 2.5rem) * 0.36);
    line-height: 1;
    letter-spacing: 0.01em;
    user-select: none;
    background: light-dark(hsl(var(--hue) 42% 88%), hsl(var(--hue) 26% 27%));
    color: light-dark(hsl(var(--hue) 48% 26%), hsl(var(--hue) 55% 86%));
  }
  .avatar[data-hue="0"] { --hue: 28; }
  .avatar[data-hue="1"] { --hue: 205; }
  .avatar[data-hue="2"] { --hue: 330; }
  .avatar[data-hue="3"] { --hue: 160; }
  .avatar[data-hue="4"] { --hue: 262; }
  .avatar[data-hue="5"] { --hue: 48; }
  .avatar[data-hue="6"] { --hue: 185; }
  .avatar[data-hue="7"] { --hue: 4; }
  @media (forced-colors: active) {
    .avatar {
      border: 1px solid;
    }
  }
  .avatar img {
    position: absolute;
    inset: 0;
    inline-size: 100%;
    block-size: 100%;
    border-radius: 50%;
    object-fit: cover;
  }
  .avatar presence-dot {
    position: absolute;
    inset-inline-end: -0.24em;
    inset-block-end: -0.22em;
    font-size: calc(var(--avatar-size, 2.5rem) * 0.5);
  }
`;

/**
 * @typedef {HTMLElement & {show: (person: {user: number, name: string, hue?: number | undefined}) => void, dot: PresenceDot}} Avatar
 */

/** @returns {Avatar} */
export function avatar() {
  const initials = h("span", { "aria-hidden": "true" });
  const dot = /** @type {PresenceDot} */ (document.createElement("presence-dot"));
  dot.setAttribute("decorative", "");
  const photo = h("img", { alt: "", decoding: "async", loading: "lazy", hidden: true, onerror: () => (photo.hidden = true) });
  const element = h("span", { class: "avatar" }, initials, photo, dot);
  return Object.assign(element, {
    dot,
    show(/** @type {{user: number, name: string, hue?: number | undefined}} */ { user, name, hue = user }) {
      setText(initials, name.startsWith("+") ? "#" : initialsOf(name)); // a telephone number has none
      setAttribute(element, "data-hue", hue % 8);
      setAttribute(dot, "user", user || null);
      dot.hidden = !user;
      const address = photoOf(user);
      if (photo.getAttribute("src") === (address || null)) return;
      setAttribute(photo, "src", address || null);
      photo.hidden = !address;
    },
  });
}
