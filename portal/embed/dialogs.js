/** The dialogs that elements of a page ask for: why a dot has its colour, the members of a group, a new conversation. */

/**
 * @import { GroupDialog } from "../elements/group-dialog.js"
 * @import { WhyDialog } from "../elements/why-dialog.js"
 */

/** Called once, when the page is there. */
export function answerForDialogs() {
  const why = /** @type {WhyDialog} */ (document.createElement("why-dialog"));
  const groups = /** @type {GroupDialog} */ (document.createElement("group-dialog"));
  document.addEventListener("why-wanted", (event) => {
    document.body.append(why);
    void why.open(/** @type {CustomEvent<number>} */ (event).detail);
  });
  document.addEventListener("group-wanted", (event) => {
    document.body.append(groups);
    groups.show(/** @type {CustomEvent<number>} */ (event).detail);
  });
  document.addEventListener("begin-wanted", () => {
    document.body.append(groups);
    groups.begin();
  });
}
