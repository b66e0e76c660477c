/**
 * Makes elements known to the page. Harmless if another copy of them is there already.
 *
 * @param {[string, CustomElementConstructor][]} elements those that others contain come first
 */
export function register(elements) {
  for (const [name, element] of elements) {
    if (!customElements.get(name)) customElements.define(name, element);
  }
}
