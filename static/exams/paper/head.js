/** The head of the paper: the clock, and the panel that says what the server has. */

import { digits } from "../../outbox/clock.js";
import { icon } from "./words.js";

/** @typedef {import("./words.js").Words} Words */
/** @typedef {import("../../outbox/outbox.js").Outbox} Outbox */

const SPOKEN_MINUTES = [1, 5, 10, 30];
const SHORT_S = 300;
const PICTURES = {
  saved: "circle-check",
  saving: "loader-2",
  offline: "cloud-off",
  paused: "player-pause",
  elsewhere: "alert-circle",
};

/** @typedef {keyof typeof PICTURES} Look */

const spoken = /** @type {HTMLElement} */ (document.querySelector("#spoken"));

/** Says a sentence to those who do not see the page. @param {string} sentence */
export function say(sentence) {
  spoken.textContent = sentence;
}

export class Clock {
  #words;
  #value = /** @type {HTMLElement} */ (document.querySelector("#timer .timer-value"));
  #timer = /** @type {HTMLElement} */ (document.querySelector("#timer"));
  #left = Number.POSITIVE_INFINITY;

  /** @param {Words} words */
  constructor(words) {
    this.#words = words;
  }

  /** @param {number} now @param {number | null} deadline both ms since 1970 @param {boolean} stands whether it is stopped */
  render(now, deadline, stands) {
    const left = deadline === null ? 0 : Math.max(0, Math.ceil((deadline - now) / 1000));
    const ends = deadline === null || stands ? "" : this.#words.text("ends", { time: this.#words.clock(deadline, false) });
    for (const place of document.querySelectorAll(".ends")) write(place, ends);
    write(this.#value, stands ? this.#words.text("clock_stands") : digits(left));
    this.#timer.classList.toggle("is-short", !stands && left <= SHORT_S);
    if (!stands) this.#speak(left);
  }

  /** @param {number} left seconds */
  #speak(left) {
    const passed = SPOKEN_MINUTES.find((minutes) => left <= minutes * 60 && this.#left > minutes * 60);
    if (passed && Number.isFinite(this.#left)) say(this.#words.counted("one_minute_left", "minutes_left", { minutes: passed }));
    this.#left = left;
  }
}

/** @param {Element} place @param {string} text */
function write(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

export class Panel {
  #words;
  #outbox;
  #box = /** @type {HTMLElement} */ (document.querySelector("#connection"));
  #shown = "";
  #wasReachable = true;

  /** @param {Words} words @param {Outbox} outbox */
  constructor(words, outbox) {
    this.#words = words;
    this.#outbox = outbox;
  }

  /** @param {boolean} isLocked time is up */
  render(isLocked) {
    const [look, key, detail] = this.#state(isLocked);
    const box = this.#outbox;
    const kept = box.pending.size;
    const counts = { stored: box.answered, items: box.data.items.length, count: kept };
    const time = box.lastStoredAt ? this.#words.clock(Date.parse(box.lastStoredAt)) : "";
    const parts = detail ? [this.#words.text("saved_detail", counts), time] : key === "saved" ? [time] : [];
    const more = parts.filter(Boolean).map((part) => ` · ${part}`).join("");
    const shown = JSON.stringify([look, this.#words.text(key, counts), more]);
    if (shown !== this.#shown) {
      this.#shown = shown;
      const words = document.createElement("span");
      const end = document.createElement("span");
      end.className = "connection-detail";
      end.textContent = more;
      words.append(...this.#words.nodes(key, counts), ...(more ? [end] : []));
      this.#box.className = `connection connection-${look}`;
      this.#box.replaceChildren(icon(PICTURES[look]), words);
    }
    this.#announce(counts);
  }

  /** @param {boolean} isLocked @returns {[Look, string, boolean]} look, words, whether what is saved stands beside them */
  #state(isLocked) {
    const box = this.#outbox;
    const kept = box.unsent.length;
    if (box.isOver) return ["saved", "handed_in", true];
    if (box.isGone) return ["elsewhere", "not_yours", false];
    if (box.isSignedOut) return ["elsewhere", "signed_out", false];
    if (box.state === "elsewhere") return ["elsewhere", "elsewhere", false];
    if (!box.isReachable) return kept ? ["offline", "offline_kept", true] : ["offline", "offline_clean", true];
    if (isLocked && kept) return ["saving", "locked", false];
    if (box.isHandingIn) return ["saving", "handing_in", false];
    if (!box.hasHeard) return ["saving", "starting", false];
    if (box.unsent.some((entry) => !entry.open)) return ["saving", "saving", false];
    if (box.state === "paused") return ["paused", "paused", true];
    if (kept) return ["saving", "typing", false];
    return ["saved", "saved", false];
  }

  /** @param {{stored: number, items: number}} counts */
  #announce(counts) {
    const { isReachable } = this.#outbox;
    if (isReachable !== this.#wasReachable) say(this.#words.text(isReachable ? "spoken_saved" : "spoken_offline", counts));
    this.#wasReachable = isReachable;
  }
}
