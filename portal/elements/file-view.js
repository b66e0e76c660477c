/** The files of a message: pictures that can be looked at, everything else as a row to be saved. */

import { h, setAttribute, setChildren } from "./dom.js";
import { css } from "./element.js";
import { icon } from "./icons.js";
import { savedByToken, showPicture } from "./opening.js";
import { words } from "../words.js";

/**
 * @import { File as KnownFile } from "../client/protocol.js"
 * @import { Opener } from "./opening.js"
 */

/**
 * @typedef {object} Addresses
 * @property {(file: string) => string} addressOf
 * @property {(file: string, size: "small" | "large") => string} previewOf
 * @property {Opener} opener
 *
 * @typedef {{files: readonly KnownFile[], file: KnownFile}} PictureChosen `files`: the pictures of the message
 */

/** How large a picture is in the conversation, in pixels: all of it is known before a byte has come. */
const WIDEST = 320;
const HIGHEST = 280;
const LEAST = 48;

export const fileStyles = css`
  .files {
    display: grid;
    gap: 0.3rem;
    justify-items: inherit;
    max-inline-size: 100%;
    min-inline-size: 0;
  }
  .files:not(:last-child) {
    margin-block-end: 0.15rem;
  }
  .picture {
    display: grid;
    place-items: center;
    max-inline-size: 100%;
    overflow: hidden;
    border-radius: 1rem;
    background: var(--presence-raised);
    box-shadow: inset 0 0 0 1px var(--presence-line);
    color: var(--presence-ink-soft);
    font-size: 0.8125rem;
  }
  .picture img {
    display: block;
    max-inline-size: 100%;
    block-size: auto;
    object-fit: contain;
  }
  .picture.lost {
    padding: 1rem;
    min-inline-size: 10rem;
    text-align: center;
    overflow-wrap: anywhere;
  }
  .file {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr) auto;
    align-items: center;
    gap: 0.7rem;
    inline-size: min(22rem, 100%);
    min-block-size: 3.25rem;
    padding: 0.4rem 0.8rem;
    border: 1px solid var(--presence-line);
    border-radius: 1rem;
    background: var(--presence-surface);
    color: var(--presence-ink);
    text-decoration: none;
  }
  .file > svg {
    color: var(--presence-ink-soft);
  }
  .file > svg:first-child {
    inline-size: 1.6rem;
    block-size: 1.6rem;
    color: var(--presence-accent);
  }
  .file .name {
    display: block;
    font-weight: 600;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .file .about {
    display: block;
    font-size: 0.8125rem;
    color: var(--presence-ink-soft);
  }
  @media (hover: hover) {
    .file:hover {
      background: var(--presence-raised);
    }
  }
  .waiting .files {
    opacity: 0.65;
  }
`;

/**
 * Brings `place` up to date; what is there already stays, so that nothing is loaded twice.
 *
 * @param {HTMLElement} place
 * @param {readonly KnownFile[]} files
 * @param {Addresses} addresses
 */
export function showFiles(place, files, addresses) {
  const key = files.map((file) => file.file).join(" ");
  place.hidden = key === "";
  if (place.getAttribute("data-key") === key) return;
  setAttribute(place, "data-key", key);
  const pictures = files.filter(isPicture);
  setChildren(place, ...files.map((file) => (isPicture(file) ? picture(file, pictures, addresses) : row(file, addresses))));
}

/** @param {KnownFile} file */
export function isPicture(file) {
  return (file.width ?? 0) > 0;
}

/**
 * In a word or two, where there is no room for more.
 *
 * @param {readonly KnownFile[]} files
 */
export function inWords(files) {
  const [first] = files;
  if (!first) return "";
  if (files.length > 1) return words.files.several(files.length, files.every(isPicture));
  return isPicture(first) ? words.files.picture : first.name;
}

/**
 * @param {KnownFile} file
 * @param {readonly KnownFile[]} pictures
 * @param {Addresses} addresses
 */
function picture(file, pictures, { previewOf, opener }) {
  const { width, height } = shownSize(file);
  const choose = () =>
    button.dispatchEvent(new CustomEvent("picture-chosen", { bubbles: true, composed: true, detail: { files: pictures, file } }));
  const image = h("img", { alt: "", width, height, loading: "lazy", decoding: "async", draggable: "false" });
  const button = h("button", { class: "picture", type: "button", "aria-label": words.files.look(file.name), title: file.name, onclick: choose }, image);
  image.addEventListener("error", () => {
    button.classList.add("lost");
    button.replaceChildren(words.files.lost(file.name));
  });
  showPicture(image, previewOf(file.file, "small"), opener);
  return button;
}

/**
 * @param {KnownFile} file
 * @param {Addresses} addresses
 */
function row(file, { addressOf, opener }) {
  return h(
    "a",
    {
      class: "file",
      href: addressOf(file.file),
      download: file.name,
      "aria-label": words.files.save(file.name, words.files.size(file.size)),
      onclick: (/** @type {Event} */ event) => savedByToken(event, opener),
    },
    icon("file"),
    h("span", {}, h("bdi", { class: "name", title: file.name }, file.name), h("span", { class: "about" }, words.files.size(file.size))),
    icon("save"),
  );
}

/** @param {KnownFile} file */
function shownSize({ width = 0, height = 0 }) {
  const scale = Math.min(1, WIDEST / width, HIGHEST / height);
  return { width: Math.max(LEAST, Math.round(width * scale)), height: Math.max(LEAST, Math.round(height * scale)) };
}
