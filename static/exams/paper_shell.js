/** The shell: says what is kept on this computer, asks for the server again and again, and goes on by itself. */

import { openStore } from "../outbox/store.js";

const PAUSES_S = [1, 2, 4, 8];
const PATIENCE_MS = 10_000;

const [, attempt] = /^\/attempts\/(\d+)/.exec(location.pathname) ?? [];
const trying = /** @type {HTMLElement} */ (document.querySelector("#trying"));

/** Shows how many items have answers that the server does not have. */
async function count() {
  const store = await openStore();
  const entries = attempt ? await store.entries(Number(attempt)) : [];
  const items = new Set(entries.filter((entry) => !entry.stored).map((entry) => entry.item)).size;
  const name = items === 0 ? "none" : items === 1 ? "one" : "some";
  for (const line of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-kept]"))) {
    line.hidden = line.dataset.kept !== name;
    for (const place of line.querySelectorAll(".kept-count")) place.textContent = String(items);
  }
}

let tries = 0;
let timer = 0;

/** Asks for the page itself; when it answers, it is shown. */
async function ask() {
  clearTimeout(timer);
  trying.classList.add("is-trying");
  try {
    const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.status < 500) {
      location.reload();
      return;
    }
  } catch {
    // still no network
  }
  trying.classList.remove("is-trying");
  timer = setTimeout(ask, PAUSES_S[Math.min(tries, PAUSES_S.length - 1)] * 1000);
  tries += 1;
}

addEventListener("online", ask);
document.querySelector("#now")?.addEventListener("click", ask);
await count();
if (attempt) ask();
