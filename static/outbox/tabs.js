/** Which window this is, and whether another window of this browser shows the same attempt. */

import { randomName } from "./random.js";

const ASKING_MS = 400;
const KEY = "paper-tab";

/** What this window remembers under `key`, `fallback` where it remembers nothing. @param {string} key @param {string} fallback */
export function remembered(key, fallback) {
  try {
    const found = sessionStorage.getItem(key);
    if (found) return found;
  } catch {
    return fallback;
  }
  remember(key, fallback);
  return fallback;
}

/** @param {string} key @param {string} value */
function remember(key, value) {
  try {
    sessionStorage.setItem(key, value);
  } catch {
    // refused: after a reload this window counts as another one, and asks
  }
}

export class Tabs extends EventTarget {
  #channel;
  #profile;
  #own = randomName(); // this page, also where a window was duplicated with its storage
  /** @type {Map<string, string>} */
  #heard = new Map();
  tab;

  /** @param {number} attempt @param {string} profile */
  constructor(attempt, profile) {
    super();
    this.#profile = profile;
    this.tab = remembered(KEY, randomName());
    this.#channel = new BroadcastChannel(`attempt-${attempt}`);
    this.#channel.onmessage = ({ data }) => this.#hear(data);
  }

  /** The name by which the server knows this window. */
  get device() {
    return `${this.#profile}/${this.tab}`;
  }

  /** @param {string | null} device whether it is a window of this browser profile */
  isOfThisBrowser(device) {
    return device !== null && device.startsWith(`${this.#profile}/`);
  }

  /** Asks around. A window that was duplicated takes a name of its own. @returns {Promise<Set<string>>} other live windows */
  async others() {
    this.#heard.clear();
    this.#channel.postMessage({ kind: "who", own: this.#own });
    await new Promise((resume) => setTimeout(resume, ASKING_MS));
    const live = new Set(this.#heard.values());
    if (live.has(this.tab)) {
      this.tab = randomName();
      remember(KEY, this.tab);
    }
    return live;
  }

  /** Tells the other windows that this one holds the paper now. */
  tellTaken() {
    this.#channel.postMessage({ kind: "taken", own: this.#own });
  }

  /** @param {{kind: string, own: string, tab?: string}} message */
  #hear(message) {
    if (message.kind === "who") this.#channel.postMessage({ kind: "here", own: this.#own, tab: this.tab });
    if (message.kind === "here" && message.tab) this.#heard.set(message.own, message.tab);
    if (message.kind === "taken") this.dispatchEvent(new Event("taken"));
  }
}
