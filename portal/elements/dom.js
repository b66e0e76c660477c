/**
 * Making and keeping DOM without a framework. Text is always text: nothing here parses markup.
 */

/** @typedef {Node | string | number | null | undefined | false} Child */

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element with attributes, listeners (`onclick`) and children.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} [attributes] true: present and empty; false, null, undefined: absent
 * @param {...Child} children empty ones are left out
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else setAttribute(element, name, value);
  }
  element.append(...kept(children));
  return element;
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {...Node} children
 * @returns {SVGElement}
 */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/**
 * @param {Element} element
 * @param {string} name
 * @param {unknown} value true: present and empty; false, null, undefined: absent
 */
export function setAttribute(element, name, value) {
  if (value === false || value === null || value === undefined) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value === true ? "" : value)) {
    element.setAttribute(name, value === true ? "" : String(value));
  }
}

/**
 * Sets the text only if it is another one, so that nothing is laid out or read aloud again.
 *
 * @param {Element} element
 * @param {string | number} text
 */
export function setText(element, text) {
  if (element.textContent !== String(text)) element.textContent = String(text);
}

/**
 * @param {Element | ShadowRoot} parent
 * @param {...Child} children
 */
export function setChildren(parent, ...children) {
  const wanted = kept(children);
  const same = wanted.length === parent.childNodes.length && wanted.every((child, at) => child === parent.childNodes[at]);
  if (!same) parent.replaceChildren(...wanted);
}

/**
 * @param {Child[]} children
 * @returns {(Node | string)[]}
 */
function kept(children) {
  /** @type {(Node | string)[]} */
  const nodes = [];
  for (const child of children) {
    if (child === null || child === undefined || child === false || child === "") continue;
    nodes.push(typeof child === "number" ? String(child) : child);
  }
  return nodes;
}

/** @type {WeakMap<Element, Map<string | number, HTMLElement>>} */
const keyed = new WeakMap();

/**
 * Makes `parent` show one element an item, in the order of the items. An element stays with its key; elements that stay in
 * their order are not touched, and the focus stays where it is.
 *
 * @template Item
 * @template {HTMLElement} Row
 * @param {Element} parent has no other children
 * @param {readonly Item[]} items
 * @param {(item: Item) => string | number} keyOf
 * @param {(item: Item) => Row} create
 * @param {(row: Row, item: Item) => void} update called for new rows too
 */
export function reconcile(parent, items, keyOf, create, update) {
  const before = keyed.get(parent) ?? new Map();
  /** @type {Map<string | number, HTMLElement>} */
  const after = new Map();
  for (const item of items) {
    const key = keyOf(item);
    const row = /** @type {Row} */ (before.get(key) ?? create(item));
    update(row, item);
    after.set(key, row);
  }
  keyed.set(parent, after);
  const focused = focusWithin(parent);
  for (const [key, row] of before) if (!after.has(key)) row.remove();
  place(parent, [...after.values()]);
  if (focused?.isConnected && focusWithin(parent) !== focused) focused.focus({ preventScroll: true });
}

/**
 * @param {Element} parent
 * @param {HTMLElement[]} rows
 */
function place(parent, rows) {
  let at = parent.firstElementChild;
  for (const row of rows) {
    if (at === row) {
      at = at.nextElementSibling;
    } else if (at?.nextElementSibling === row) {
      // The one that stands here goes elsewhere: taking it out moves one element instead of all that follow.
      const passed = at;
      at = row.nextElementSibling;
      passed.remove();
    } else {
      parent.insertBefore(row, at);
    }
  }
}

/**
 * @param {Element} parent
 * @returns {HTMLElement | null}
 */
function focusWithin(parent) {
  const root = /** @type {Document | ShadowRoot} */ (parent.getRootNode());
  const active = root.activeElement;
  return active instanceof HTMLElement && parent.contains(active) ? active : null;
}

/**
 * Moves the focus on, unless somebody has gone elsewhere with it meanwhile: what they type there is not to end here.
 *
 * @param {HTMLElement | null | undefined} to
 * @param {HTMLElement | null} from what had it when that was begun
 */
export function moveFocus(to, from) {
  const now = focused();
  if (now === null || now === from) to?.focus();
}

let wishes = 0;

/** The same in the next frame, once what is new can have the focus; of several wishes the last one counts. @param {HTMLElement | null} to */
export function focusSoon(to) {
  const from = focused();
  const wish = ++wishes;
  requestAnimationFrame(() => wish === wishes && moveFocus(to, from));
}

/** What has the focus, inside of whatever element; null: nothing that is seen. @returns {HTMLElement | null} */
export function focused() {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  return active instanceof HTMLElement && active !== document.body && active.checkVisibility() ? active : null;
}
