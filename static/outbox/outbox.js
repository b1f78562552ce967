/**
 * The queue that loses nothing: what is given is kept on this computer first, then sent, one request at a time, again
 * and again until the server says that it has it. Only the server's word makes an answer "saved".
 */

import { deliver } from "./leftovers.js";
import { removal } from "./store.js";
import { freshToken, post } from "./wire.js";

const PAUSES_S = [1, 2, 4, 8, 15];
const MOST_AT_ONCE = 200;
const OVER = new Set(["submitted", "marking", "marked", "released", "void", "voided"]);

/** @typedef {import("./store.js").Entry} Entry */
/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./wire.js").Reply} Reply */
/** @typedef {{seq: number, payload: unknown, at: string | null}} Kept the answer of an item that the server has */

/**
 * @typedef {object} PaperData what the server wrote into the page
 * @property {number} attempt
 * @property {"sitting" | "entry" | "practice"} kind
 * @property {{item: number, position: number, kind: string, points: number, case: string | null}[]} items
 * @property {Record<string, {seq: number, payload: unknown}>} answers
 * @property {{flagged: number[], seen: number[]}} marks
 * @property {string | null} holder
 * @property {string} state
 * @property {string} server_now
 * @property {string | null} started_at
 * @property {string | null} deadline_at
 * @property {string | null} beacon
 * @property {number} answered
 * @property {string | null} last_stored_at
 * @property {string} token
 * @property {string} csrf
 * @property {{saves: string, hand_in: string, deliveries: string, receipt: string, after: string}} urls
 * @property {number} heartbeat_s
 * @property {"zh" | "en"} language
 * @property {number | null} minutes_before_hand_in
 */

/** @typedef {{position: number, marks: {flagged: number[], seen: number[]}, full_screen: boolean | null}} Report */

/** Events: "change" (anything that is shown), "answer" (a reply came, as detail), "over" (nothing is sent any more). */
export class Outbox extends EventTarget {
  /** @type {Map<number, Kept>} */
  saved = new Map();
  /** @type {Map<string, Entry>} what the server does not have, in the order in which it was given */
  #unsent = new Map();
  /** @type {Map<number, Entry>} the newest answer of each item that this computer is still writing down */
  #keeping = new Map();
  /** @type {Map<number, Entry>} what is being typed, by item; known before it is kept, so that each stroke goes on from the last */
  #typed = new Map();
  /** @type {Map<number, number>} the highest number of each item, wherever it came from */
  #highest = new Map();
  /** @type {Map<number, string>} why the newest answer of an item did not become the response */
  troubles = new Map();
  /** @type {{kind: string, at: string, seconds: number | null}[]} */
  #facts = [];

  hasHeard = false; // the server has answered this page
  isReachable = true;
  isSignedOut = false;
  isGone = false;
  isHandingIn = false;
  mayMove = false; // this window holds the paper
  hasTrouble = false; // the server answers, but not to this
  isSecure = isSecureContext; // this computer can open the paper again without the network
  answered;
  lastStoredAt;
  state;
  deadline;
  beacon;

  #csrf;
  #failures = 0;
  #timer = 0;
  #inFlight = false;
  #running = Promise.resolve();
  #isWaiting = false; // somebody asked for a request while one was in flight
  #takesOver = false;
  #most = MOST_AT_ONCE;
  #isDone = false;
  #isLosing = false; // another computer took the paper: what is still here goes to the pile
  #inVain = 0; // hand-ins that the server answered without taking the paper

  /**
   * @param {PaperData} data @param {Store} store
   * @param {import("./clock.js").ServerClock} clock @param {() => string} device @param {() => Report} report
   */
  constructor(data, store, clock, device, report) {
    super();
    this.data = data;
    this.store = store;
    this.clock = clock;
    this.device = device;
    this.report = report;
    this.answered = data.answered;
    this.lastStoredAt = data.last_stored_at;
    this.state = data.state;
    this.deadline = data.deadline_at;
    this.beacon = data.beacon;
    this.#csrf = data.csrf;
    for (const [item, { seq, payload }] of Object.entries(data.answers)) {
      this.saved.set(Number(item), { seq, payload, at: null });
      this.#highest.set(Number(item), seq);
    }
  }

  // what is here

  /** Takes in what an earlier page kept: whatever the server does not have is unsent, whatever it said before. */
  async load() {
    for (const entry of await this.store.entries(this.data.attempt)) {
      const known = this.saved.get(entry.item);
      const isKnown = known !== undefined && (known.seq > entry.seq ? entry.stored : same(known, entry));
      if (!isKnown) this.#unsent.set(nameOf(entry), { ...entry, open: false, stored: false });
      this.#highest.set(entry.item, Math.max(entry.seq, this.#highest.get(entry.item) ?? 0));
    }
  }

  /** Answers that the server does not have. */
  get unsent() {
    return [...this.#unsent.values()];
  }

  /** Items with such answers. @returns {Set<number>} */
  get pending() {
    return new Set(this.unsent.map((entry) => entry.item));
  }

  /** The answer of an item as it stands on this computer. @param {number} item @returns {unknown} */
  payload(item) {
    const mine = [...this.unsent, ...this.#keeping.values()].filter((entry) => entry.item === item);
    const newest = mine.reduce((best, entry) => (entry.seq >= best.seq ? entry : best), { seq: 0, payload: undefined });
    const known = this.saved.get(item);
    return newest.seq > (known?.seq ?? 0) ? newest.payload : known?.payload;
  }

  get isOver() {
    return OVER.has(this.state);
  }

  // what is given

  /**
   * Keeps an answer, then sends it.
   * @param {number} item @param {unknown} payload @param {{open?: boolean, at?: string}} [how] open: still being typed
   */
  async put(item, payload, { open = false, at = this.clock.iso() } = {}) {
    const seq = this.#typed.get(item)?.seq ?? (this.#highest.get(item) ?? 0) + 1;
    const entry = { attempt: this.data.attempt, item, seq, at, beacon: this.beacon, payload, open };
    this.#highest.set(item, seq);
    if (open) this.#typed.set(item, entry);
    else this.#typed.delete(item);
    this.troubles.delete(item);
    this.#keeping.set(item, entry);
    await this.store.write([{ put: "entries", value: entry }]);
    if (this.#keeping.get(item) === entry) this.#keeping.delete(item);
    this.#unsent.set(nameOf(entry), entry); // only now may the page say that it is kept
    this.#tell();
    if (!open) this.#soon();
  }

  /** What was typed so far is an answer now, and is sent. @param {number} [item] only of this item */
  async settle(item) {
    const typed = [...this.#typed.values()].filter((entry) => item === undefined || entry.item === item);
    await Promise.all(typed.map((entry) => this.put(entry.item, entry.payload, { at: entry.at })));
  }

  /** Something happened at this page; it goes along with the next request. @param {string} kind @param {number | null} seconds @param {string} at */
  note(kind, seconds, at) {
    this.#facts.push({ kind, seconds, at });
  }

  // sending

  /** Begins to send. @param {{takeOver: boolean}} how takeOver: this window becomes the one that holds the paper */
  start({ takeOver }) {
    this.mayMove = true;
    this.#takesOver = takeOver;
    addEventListener("online", () => this.hurry());
    addEventListener("offline", () => this.#failed());
    this.#soon();
  }

  /** Only listens: another window or computer holds the paper. */
  listen() {
    this.mayMove = false;
    addEventListener("online", () => this.hurry());
    this.#soon();
  }

  /** This window becomes the one that holds the paper, or there is no connection. @returns {Promise<boolean>} */
  async takeOver() {
    while (this.#inFlight) await this.#running;
    this.#takesOver = true;
    await this.#request();
    this.#takesOver = false;
    return this.isReachable && this.state !== "elsewhere";
  }

  /** Sends at once, whatever failed before. */
  hurry() {
    this.#failures = 0;
    this.#soon();
  }

  /** Asks for the hand-in until it is done. */
  async handIn() {
    this.isHandingIn = true;
    this.#tell();
    await this.settle();
    this.hurry();
  }

  /** Takes the wish back, as long as the server has not done it. */
  stayOn() {
    this.isHandingIn = false;
    this.#tell();
  }

  #soon() {
    if (this.#inFlight) this.#isWaiting = true;
    else if (!this.#failures) this.#request();
  }

  /** One request at a time, and the plan for the next. @returns {Promise<void>} */
  #request() {
    if (!this.#inFlight && !this.#isDone) this.#running = this.#exchange();
    return this.#running;
  }

  async #exchange() {
    clearTimeout(this.#timer);
    this.#inFlight = true;
    this.#isWaiting = false;
    this.#tell();
    const batch = this.#batch();
    const asksHandIn = this.isHandingIn && !batch.length && !this.#keeping.size && this.mayMove && !this.isOver;
    const facts = this.#facts.slice(0, 100);
    const { hand_in, saves } = this.data.urls;
    const body = { ...this.#body(batch, facts), ...(asksHandIn ? { claims: this.#claims() } : {}) };
    const outcome = await post(asksHandIn ? hand_in : saves, body, this.#csrf);
    if (outcome.kind === "reply") {
      this.clock.observe(outcome.reply.server_now, outcome.asked, outcome.heard);
      this.#facts.splice(0, facts.length);
      await this.#heard(outcome.reply, asksHandIn);
    } else await this.#notHeard(outcome.kind, batch.length);
    this.#inFlight = false;
    this.#plan();
    this.#tell();
  }

  /** The next answers to send. */
  #batch() {
    if (!this.mayMove && !this.#takesOver && !this.#isLosing) return [];
    return this.unsent.filter((entry) => !entry.open).slice(0, this.#most);
  }

  /** @param {Entry[]} batch @param {object[]} facts */
  #body(batch, facts) {
    return {
      ...this.report(),
      device: this.device(),
      beacon: this.beacon,
      sent_at: this.clock.iso(),
      unsent: this.#unsent.size - batch.length,
      secure: this.isSecure,
      take_over: this.#takesOver,
      entries: batch.map(({ item, seq, at, beacon, payload }) => ({ item, seq, at, beacon, payload })),
      facts,
    };
  }

  /** What this page believes the server has: the highest number of each item. */
  #claims() {
    return Object.fromEntries([...this.saved].map(([item, { seq }]) => [item, seq]));
  }

  /** @param {Reply} reply @param {boolean} asksHandIn */
  async #heard(reply, asksHandIn) {
    this.isReachable = this.hasHeard = true;
    this.isSignedOut = this.hasTrouble = false;
    this.#failures = 0;
    this.#most = MOST_AT_ONCE;
    const wasHolding = this.mayMove;
    this.state = reply.state;
    this.deadline = reply.deadline_at ?? this.deadline;
    this.beacon = reply.beacon ?? this.beacon;
    this.answered = reply.answered;
    this.lastStoredAt = reply.last_stored_at ?? this.lastStoredAt;
    await this.#settleWith(reply);
    this.#isLosing = this.state === "elsewhere" && (wasHolding || this.#isLosing);
    if (this.state === "elsewhere") this.mayMove = false;
    else if (this.#takesOver) this.mayMove = true;
    this.#takesOver = false;
    if (wasHolding && !this.mayMove) this.isHandingIn = false;
    this.dispatchEvent(new CustomEvent("answer", { detail: reply }));
    this.#inVain = asksHandIn && !this.isOver && !this.unsent.length ? this.#inVain + 1 : 0;
    if (this.isOver && !this.#keeping.size && (!this.unsent.length || !this.mayMove)) await this.#finish();
  }

  /** @param {Reply} reply */
  async #settleWith(reply) {
    const steps = [];
    for (const { item, seq } of reply.stored) {
      const entry = this.#unsent.get(nameOf({ item, seq }));
      if (!entry) continue;
      this.#unsent.delete(nameOf(entry));
      const before = this.saved.get(item);
      const isNewest = seq >= (before?.seq ?? 0);
      if (isNewest) this.saved.set(item, { seq, payload: entry.payload, at: reply.server_now });
      // the newest stays until the receipt: should the server lose it, this computer still has it
      steps.push(isNewest ? { put: "entries", value: { ...entry, stored: true } } : removal(entry));
      if (isNewest && before) steps.push(removal({ ...entry, seq: before.seq }));
    }
    for (const { item, seq, why } of [...reply.refused, ...reply.piled]) {
      const entry = this.#unsent.get(nameOf({ item, seq }));
      if (!entry) continue;
      this.#unsent.delete(nameOf(entry));
      steps.push(removal(entry));
      this.troubles.set(item, why);
    }
    for (const { item, seq } of reply.missing ?? []) await this.#bringBack(item, seq);
    await this.store.write(/** @type {import("./store.js").Step[]} */ (steps));
  }

  /** The server lacks an answer that it had acknowledged: it is sent again, or no longer claimed. @param {number} item @param {number} seq */
  async #bringBack(item, seq) {
    const kept = (await this.store.entries(this.data.attempt)).find((entry) => entry.item === item && entry.seq === seq);
    const known = this.saved.get(item);
    const payload = kept?.payload ?? (known?.seq === seq ? known.payload : undefined);
    this.saved.delete(item);
    if (payload === undefined) return;
    const at = kept?.at ?? this.clock.iso();
    const entry = { attempt: this.data.attempt, item, seq, at, beacon: kept?.beacon ?? this.beacon, payload };
    this.#unsent.set(nameOf(entry), entry);
  }

  /** @param {"unreachable" | "busy" | "signed_out" | "stale" | "gone" | "too_big"} kind @param {number} sent */
  async #notHeard(kind, sent) {
    this.#failures += 1;
    if (kind === "too_big" && sent > 1) this.#most = Math.max(1, Math.floor(sent / 2));
    else if (kind === "unreachable") this.isReachable = false;
    else if (kind === "busy" || kind === "too_big") this.hasTrouble = this.#failures > 1;
    else await this.#lookAgain();
  }

  /** The sign-in has changed under the page: is it still this person's, and with which token? */
  async #lookAgain() {
    const found = await freshToken(location.href);
    this.isReachable = found.kind !== "unreachable";
    this.isSignedOut = found.kind === "signed_out";
    this.isGone = found.kind === "gone";
    this.hasTrouble = found.kind === "page" && found.csrf === this.#csrf;
    if (found.kind === "page") this.#csrf = found.csrf;
    if (found.kind === "over") this.dispatchEvent(new Event("over"));
    if (this.isGone) this.dispatchEvent(new Event("gone"));
  }

  #failed() {
    this.isReachable = false;
    this.#failures = Math.max(1, this.#failures);
    this.#plan();
    this.#tell();
  }

  /** When the next request goes out: at once, after a pause that grows with the failures, or as a sign of life. */
  #plan() {
    clearTimeout(this.#timer);
    if (this.#inFlight || this.#isDone) return;
    const hasMore = this.#batch().length > 0 || this.#isWaiting;
    const asksHandIn = this.isHandingIn && !this.#keeping.size && this.mayMove && !this.isOver;
    const failures = Math.max(this.#failures, asksHandIn && !hasMore ? this.#inVain : 0);
    const pause = PAUSES_S[Math.min(failures, PAUSES_S.length) - 1] ?? (hasMore || asksHandIn ? 0 : this.data.heartbeat_s);
    const jitter = 0.8 + Math.random() * 0.4;
    this.#timer = setTimeout(() => this.#request(), pause * 1000 * jitter);
  }

  /** The paper is handed in and nothing waits: this computer keeps nothing of it. */
  async #finish() {
    this.#isDone = true;
    clearTimeout(this.#timer);
    const paper = await this.store.paper(this.data.attempt);
    const isDelivered = !this.unsent.length || (paper && (await deliver(this.store, paper)));
    if (isDelivered) await this.store.purge(this.data.attempt);
    this.dispatchEvent(new Event("over"));
  }

  /** Another window of this browser holds the paper now, and has taken over what is kept. */
  yieldToAnother() {
    this.mayMove = false;
    this.#unsent.clear();
    this.state = "elsewhere";
    this.#tell();
  }

  /** Sends nothing more; what is kept stays. */
  stop() {
    this.#isDone = true;
    clearTimeout(this.#timer);
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}

/** @param {{item: number, seq: number}} entry */
function nameOf({ item, seq }) {
  return `${item}/${seq}`;
}

/** @param {{seq: number, payload: unknown}} one @param {{seq: number, payload: unknown}} other */
function same(one, other) {
  return one.seq === other.seq && JSON.stringify(one.payload) === JSON.stringify(other.payload);
}
