/** Address and key for OBS, asked for when they are looked at. */

import { ask } from "../streams/site.js";
import { byId, clock, text, write } from "./face.js";

/** @param {string} url where the site tells them */
export function showRecipe(url) {
  const details = /** @type {HTMLDetailsElement} */ (byId("obs"));
  details.addEventListener("toggle", async () => {
    if (!details.open) return;
    const outcome = await ask(url);
    if (outcome.kind !== "answer") return write(byId("obs-until"), outcome.kind === "refused" ? outcome.message : text("site_away"));
    /** @type {HTMLInputElement} */ (byId("obs-address")).value = outcome.answer.address;
    /** @type {HTMLInputElement} */ (byId("obs-key")).value = outcome.answer.key;
    write(byId("obs-until"), text("obs_until", { time: clock(outcome.answer.expires_at, true) }));
  });
  for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("[data-copy]"))) {
    button.addEventListener("click", () => copy(button));
  }
}

/** @param {HTMLButtonElement} button */
async function copy(button) {
  const field = /** @type {HTMLInputElement} */ (byId(button.dataset.copy ?? ""));
  const word = button.querySelector("span");
  const usual = word?.textContent ?? "";
  try {
    await navigator.clipboard.writeText(field.value);
    if (word) write(word, text("copied"));
  } catch {
    field.type = "text";
    field.select();
    if (word) write(word, text("copy_failed"));
  }
  setTimeout(() => word && write(word, usual), 3000);
}
