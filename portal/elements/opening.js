/**
 * Pictures and files that only those in a conversation may read: by their addresses where a cookie goes along, and read
 * into the page where a token says who is logged in.
 */

import { h, setAttribute } from "./dom.js";

/** @typedef {Pick<import("../client/index.js").PresenceClient, "usesToken" | "openable">} Opener */

/**
 * @param {HTMLImageElement} image fires `error` if there is nothing to be shown
 * @param {string} address
 * @param {Opener} opener
 */
export function showPicture(image, address, opener) {
  if (!opener.usesToken) return setAttribute(image, "src", address);
  image.dataset["address"] = address;
  image.removeAttribute("src");
  opener.openable(address).then(
    (place) => {
      if (image.dataset["address"] !== address) return URL.revokeObjectURL(place);
      image.addEventListener("load", () => URL.revokeObjectURL(place), { once: true });
      image.src = place;
    },
    () => image.dataset["address"] === address && image.dispatchEvent(new Event("error")),
  );
}

/**
 * For `onclick` of a link with `download`: what the link itself would do without a token.
 *
 * @param {Event} event
 * @param {Opener} opener
 * @param {() => void} [failed]
 */
export function savedByToken(event, opener, failed = () => undefined) {
  const link = /** @type {HTMLAnchorElement} */ (event.currentTarget);
  if (!opener.usesToken) return;
  event.preventDefault();
  void save(link.href, link.download, opener).catch(failed);
}

/**
 * @param {string} address
 * @param {string} name as what it is kept; "": as the server calls it
 * @param {Opener} opener
 */
export async function save(address, name, opener) {
  const place = await opener.openable(address);
  h("a", { href: place, download: name }).click();
  if (opener.usesToken) setTimeout(() => URL.revokeObjectURL(place), 60_000); // once it has begun
}
