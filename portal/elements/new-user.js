/** Asks for a new user. */

import { h } from "./dom.js";
import { field, formDialog } from "./form-dialog.js";
import { sentenceOf } from "./who.js";
import { Refused } from "../client/errors.js";
import { words } from "../words.js";

/** @import { PresenceClient } from "../client/index.js" */

const ROLES = /** @type {const} */ ([
  "no_portal",
  "simple_user",
  "basic_user",
  "advanced_user",
  "call_center_agent",
  "call_center_supervisor",
  "site_manager",
  "office_manager",
  "reseller",
  "super_user",
]);

/** Those that somebody of this role may give, weakest first. @param {string} role */
export function rolesBelow(role) {
  return ROLES.slice(0, ROLES.indexOf(/** @type {"super_user"} */ (role)));
}

/** @param {string} mine @param {string} chosen */
export function roleSelect(mine, chosen) {
  const select = h("select", {}, ...rolesBelow(mine).map((value) => h("option", { value }, words.scopes[value])));
  select.value = chosen;
  return select;
}

/**
 * @param {Node} place
 * @param {PresenceClient} client
 * @param {readonly string[]} sites
 * @returns {Promise<{user: number, name: string} | null>} null: nobody was added
 */
export function askNewUser(place, client, sites) {
  const text = (/** @type {object} */ more = {}) => h("input", { autocomplete: "off", maxlength: 64, ...more });
  const { fields: names } = words.profile;
  const extension = field("extension", names.extension, text({ inputmode: "numeric", maxlength: 16 }));
  const first = field("first_name", names.first_name, text());
  const last = field("last_name", names.last_name, text());
  const department = field("department", names.department, text());
  const site = field("site", names.site, h("select", {}, h("option", { value: "" }, words.profile.none), ...sites.map((value) => h("option", { value }, value))));
  const scope = field("scope", names.scope, roleSelect(client.session.me?.scope ?? "", "basic_user"));
  const email = field("email", words.users.add.email, text({ type: "email", maxlength: 254 }), words.users.add.emailHint);
  const fields = [extension, first, last, department, site, scope, email];
  site.row.hidden = sites.length === 0;
  return formDialog(place, {
    title: words.users.add.title,
    act: words.users.add.act,
    fields,
    content: fields.map(({ row }) => row),
    check: () => {
      if (!/^\d{1,16}$/.test(extension.input.value.trim())) return [extension, words.users.add.wrongExtension];
      return first.input.value.trim() ? null : [first, words.users.add.noName];
    },
    said: (error) =>
      error instanceof Refused && error.code === "conflict" && error.field === "extension" ? words.users.add.taken(extension.input.value.trim()) : sentenceOf(error),
    save: async () => {
      const given = Object.fromEntries(fields.map(({ name, input }) => [name, input.value.trim()]).filter(([, value]) => value));
      const added = await client.users.add({ extension: extension.input.value.trim(), first_name: first.input.value.trim(), ...given });
      return { user: added.user, name: `${first.input.value} ${last.input.value}`.trim() };
    },
  });
}
