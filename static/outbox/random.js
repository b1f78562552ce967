/** Random names. `crypto.randomUUID` is missing where the site is read over plain HTTP; `getRandomValues` never is. */

/** @returns {string} 16 letters and digits that nobody can guess */
export function randomName() {
  return [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
