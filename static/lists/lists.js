/**
 * Keeps the address of a list short: what was left empty is not sent, so that a shared address names only what was chosen.
 */

document.addEventListener("htmx:configRequest", (event) => {
  const { detail } = /** @type {CustomEvent<{parameters: FormData}>} */ (event);
  for (const [name, value] of [...detail.parameters.entries()]) {
    if (value === "") detail.parameters.delete(name);
  }
});
