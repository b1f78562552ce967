/**
 * The console while it is open: clocks tick between two renewals, a lost connection is told, news are read out once,
 * focus goes to what was opened and back to the seat it came from. htmx fetches; nothing here decides.
 */

import { digits } from "../outbox/clock.js";

const SECOND = 1000;
const STALE_AFTER = 15 * SECOND;

const side = /** @type {HTMLElement} */ (document.getElementById("side"));
const link = /** @type {HTMLElement} */ (document.getElementById("console-link"));
const news = /** @type {HTMLElement} */ (document.getElementById("console-news"));
const frame = /** @type {HTMLElement} */ (document.querySelector(".console"));

/** Milliseconds of the server's clock at the last renewal, and of the page's own steady clock at that moment. */
let serverAt = 0;
let heardAt = 0;
/** @type {Set<string>} */
let inTrouble = new Set();
/** @type {string | null} */
let cameFrom = null;

/** Takes over the server's time that the page shows. */
function hear() {
  const shown = document.getElementById("server-time");
  serverAt = Date.parse(shown?.dataset.now ?? "");
  heardAt = performance.now();
}

/** @param {number} milliseconds a moment of the server @returns {string} the clock of the bases, which is UTC+8 */
function clockOf(milliseconds) {
  return new Date(milliseconds + 8 * 3600 * SECOND).toISOString().slice(11, 19);
}

/** Moves the clocks on by what has passed since the last renewal. */
function tick() {
  const passed = performance.now() - heardAt;
  const stale = passed > STALE_AFTER;
  const shown = document.getElementById("server-time");
  const word = link.querySelector(".console-link-word");
  link.classList.toggle("is-lost", stale);
  if (word) {
    word.dataset.usual ??= word.textContent ?? "";
    const told = stale ? (link.dataset.lost ?? "") : word.dataset.usual;
    if (word.textContent !== told) word.textContent = told;
  }
  if (shown) shown.textContent = clockOf(stale ? serverAt : serverAt + passed);
  const clock = document.getElementById("console-clock");
  const left = clock?.querySelector(".console-left");
  if (!clock || !left || clock.dataset.stands === "yes") return;
  left.textContent = digits(Math.max(0, Math.floor((Date.parse(clock.dataset.ends ?? "") - serverAt - passed) / SECOND)));
}

/** @returns {Map<string, string>} the reason of every seat in trouble, by the id of its tile */
function troubles() {
  const tiles = [...document.querySelectorAll(".tile-trouble")];
  return new Map(tiles.map((tile) => [tile.id, [".tile-head b", ".tile-name", ".tile-reason"].map((part) => tile.querySelector(part)?.textContent?.trim() ?? "").join(" ")]));
}

/** Reads out who came into trouble since the last renewal. */
function tellNews() {
  const now = troubles();
  const fresh = [...now].filter(([id]) => !inTrouble.has(id)).map(([, text]) => text);
  if (fresh.length) news.textContent = (news.dataset.one ?? "").replace("{who}", fresh.slice(0, 3).join("; "));
  inTrouble = new Set(now.keys());
}

/** Marks the tile whose panel is open. */
function markOpen() {
  const seat = /** @type {HTMLInputElement | null} */ (side.querySelector("#side-state input[name=seat]"));
  for (const tile of document.querySelectorAll(".tile[aria-current]")) tile.removeAttribute("aria-current");
  if (seat) document.getElementById(`seat-${seat.value}`)?.setAttribute("aria-current", "true");
  frame.classList.toggle("has-side", !side.querySelector("#sitting-head"));
}

/** @param {string} address of a renewal @returns {boolean} whether it renews a panel that is not open any more */
function isOfAnotherPanel(address) {
  const asked = new URL(address, location.href).searchParams;
  const open = (/** @type {string} */ name) =>
    /** @type {HTMLInputElement | null} */ (side.querySelector(`#side-state input[name=${name}]`))?.value ?? null;
  if (asked.has("panel")) return open("panel") === null;
  return asked.has("live") && (open("live") === null || !asked.getAll("seat").includes(open("seat") ?? ""));
}

document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt } = /** @type {CustomEvent<{elt: HTMLElement}>} */ (event).detail;
  if (elt.classList.contains("tile")) cameFrom = elt.id;
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const { detail } = /** @type {CustomEvent<any>} */ (event);
  const path = new URL(detail.xhr.responseURL, location.href).pathname;
  if (!path.includes("/console")) {
    // signed out meanwhile: the answer is the door, which must not stand inside the console
    detail.shouldSwap = false;
    location.reload();
  } else if (detail.target.id === "board" && isOfAnotherPanel(detail.xhr.responseURL)) {
    detail.shouldSwap = false; // else one seat would stand under the name of another; the next renewal is near
  } else if ([409, 422].includes(detail.xhr.status)) {
    detail.shouldSwap = true;
    detail.isError = false;
  } else if (detail.xhr.status >= 400 && detail.target.id === "side") {
    detail.shouldSwap = false;
    location.assign(new URL(location.href).pathname);
  }
});

document.addEventListener("htmx:afterSettle", (event) => {
  const { target } = /** @type {CustomEvent<{target: HTMLElement}>} */ (event).detail;
  if (target.id === "board") {
    hear();
    tellNews();
    markOpen();
  }
  if (target.id !== "side") return;
  markOpen();
  const first = side.querySelector("[aria-invalid=true], [role=alert], .form .form-control, .form .form-select, .form input[type=radio]");
  const wanted = first ?? side.querySelector("h2");
  const tile = cameFrom && !side.querySelector("#side-state input[name=seat]") ? document.getElementById(cameFrom) : null;
  if (tile) {
    cameFrom = null;
    tile.focus({ preventScroll: true });
  } else if (wanted instanceof HTMLElement) {
    wanted.focus({ preventScroll: true });
    side.scrollTop = 0;
  }
});

document.addEventListener("keydown", (event) => {
  const close = /** @type {HTMLElement | null} */ (side.querySelector(".side-close"));
  if (event.key === "Escape" && close) close.click();
});

hear();
inTrouble = new Set(troubles().keys());
markOpen();
setInterval(tick, SECOND / 2);
