/**
 * Answers of another attempt that lie unsent in this browser, as when a computer is shared and a page crashed: they go
 * to the server by that attempt's own token, are never shown, and are taken off this computer once the server has them.
 *
 * A page that is no paper needs only to load this file. `data-attempt="7"` on an element says which attempt the page
 * leads to: its answers wait for the paper itself. `data-attempt-over="7"` says that its paper is closed.
 */

import { openStore } from "./store.js";

const ADDRESS = "/deliveries";
const PATIENCE_MS = 15_000;
const GRACE_MS = 90_000; // after a deadline: the paper itself may still deliver until then
const ASKING_MS = 400;

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./store.js").Paper} Paper */

/** Whether the server has all that the attempt left here; it is then gone from this computer. @param {Store} store @param {Paper} paper */
export async function deliver(store, paper) {
  const entries = (await store.entries(paper.attempt)).filter((entry) => !entry.stored);
  if (entries.length) {
    const device = `${await store.profile()}/left`;
    const body = { token: paper.token, device, entries: entries.map(({ item, seq, at, payload }) => ({ item, seq, at, payload })) };
    try {
      const answer = await fetch(ADDRESS, {
        method: "POST",
        body: JSON.stringify(body),
        headers: { Accept: "application/json", "Content-Type": "application/json" },
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      if (!answer.ok) return false;
    } catch {
      return false;
    }
  }
  await store.purge(paper.attempt);
  return true;
}

/** Whether a window of this browser shows the attempt now. @param {number} attempt @returns {Promise<boolean>} */
async function isOpen(attempt) {
  const channel = new BroadcastChannel(`attempt-${attempt}`);
  try {
    return await new Promise((resolve) => {
      channel.onmessage = ({ data }) => data.kind === "here" && resolve(true);
      channel.postMessage({ kind: "who", own: "leftovers" });
      setTimeout(() => resolve(false), ASKING_MS);
    });
  } finally {
    channel.close();
  }
}

/**
 * Delivers what lies here of other attempts.
 * @param {Store} store @param {(paper: Paper) => boolean} isLeft whether nobody will come back to this paper here
 */
export async function deliverLeftovers(store, isLeft) {
  for (const paper of await store.papers()) {
    if (isLeft(paper) && !(await isOpen(paper.attempt))) await deliver(store, paper);
  }
}

/** @param {string} name @returns {number | null} the attempt that the page names */
function attemptNamed(name) {
  const found = /** @type {HTMLElement | null} */ (document.querySelector(`[data-${name}]`));
  return found ? Number(found.getAttribute(`data-${name}`)) : null;
}

/** On a page that is no paper. The time is the server's: a computer's clock may be wrong. */
async function deliverFromHere() {
  const store = await openStore();
  if (!(await store.papers()).length) return;
  const here = attemptNamed("attempt");
  const over = attemptNamed("attempt-over");
  const answer = await fetch("/healthz", { method: "HEAD", cache: "no-store" }).catch(() => null);
  const now = Date.parse(answer?.headers.get("date") ?? "");
  const hasEnded = (/** @type {Paper} */ paper) => paper.deadline !== null && now > Date.parse(paper.deadline) + GRACE_MS;
  await deliverLeftovers(store, (paper) =>
    paper.attempt === over || (here !== null ? paper.attempt !== here : hasEnded(paper)));
}

if (!document.querySelector("#paper-data, [data-paper-shell]")) deliverFromHere();
