/** Why a passkey did not do. */

import { sentenceOf } from "./who.js";
import { Refused } from "../client/errors.js";
import { words } from "../words.js";

/** @param {unknown} error */
export function sentenceOfPasskey(error) {
  if (error instanceof DOMException) {
    return error.name === "InvalidStateError" ? words.passkeys.known : words.passkeys.notDone;
  }
  if (error instanceof Refused && error.field === "passkey") return words.passkeys.wrong;
  return sentenceOf(error);
}
