/** The photo in a profile: shown, chosen from a file, taken away. */

import { h, setText } from "./dom.js";
import { avatar } from "./avatar.js";
import { css } from "./element.js";
import { icon } from "./icons.js";
import { sentenceOf } from "./who.js";
import { nameOf } from "../client/people.js";
import { words } from "../words.js";

/** @import { Profile } from "../client/protocol.js" */

export const photoFieldStyles = css`
  .photo {
    display: flex;
    flex-wrap: wrap;
    gap: 0.75rem 1.25rem;
    align-items: center;
    --avatar-size: 5rem;
  }
  .photo presence-dot {
    display: none;
  }
  .photo .buttons {
    display: flex;
    flex-wrap: wrap;
    gap: 0.6rem;
  }
  .photo .error {
    flex-basis: 100%;
  }
`;

/**
 * @param {(file: Blob | null) => Promise<unknown>} change keeps it, or takes it away
 * @returns {{element: HTMLElement, show: (profile: Profile) => void}}
 */
export function photoField(change) {
  const picture = avatar();
  const problem = h("p", { class: "error", role: "alert", hidden: true });
  const input = h("input", { type: "file", accept: "image/jpeg,image/png,image/webp,image/gif", hidden: true, "aria-label": words.profile.photo.choose });
  const choose = h("button", { class: "button small", type: "button", onclick: () => input.click() }, icon("up"), words.profile.photo.choose);
  const remove = h("button", { class: "button small", type: "button", onclick: () => void run(null) }, words.profile.photo.remove);
  const run = async (/** @type {Blob | null} */ file) => {
    problem.hidden = true;
    choose.disabled = remove.disabled = true;
    try {
      await change(file);
    } catch (error) {
      setText(problem, sentenceOf(error));
      problem.hidden = false;
    } finally {
      choose.disabled = remove.disabled = false;
      choose.focus();
    }
  };
  input.onchange = () => {
    const [file] = input.files ?? [];
    if (file) void run(file).then(() => (input.value = ""));
  };
  const element = h(
    "section",
    {},
    h("h3", {}, words.profile.photo.title),
    h("div", { class: "photo" }, picture, h("div", { class: "buttons" }, choose, remove), input, problem),
  );
  return {
    element,
    show(profile) {
      picture.show({ user: profile.user, name: nameOf(profile) });
      choose.hidden = !profile.editable.includes("photo");
      remove.hidden = choose.hidden || profile.photo === 0;
    },
  };
}
