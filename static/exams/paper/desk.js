/** What the person works on: the item in sight, answers as they are given, flags, seen places, size of the text. */

import { ItemFields, isEmpty } from "./fields.js";
import { Palette } from "./palette.js";
import { isFullScreen } from "./attention.js";
import { showPicture } from "./words.js";

/** @typedef {import("../../outbox/outbox.js").Outbox} Outbox */
/** @typedef {import("../../outbox/outbox.js").PaperData} PaperData */
/** @typedef {import("../../outbox/store.js").Paper} Paper */

const paperElement = /** @type {HTMLElement} */ (document.querySelector(".paper"));
const zone = /** @type {HTMLElement} */ (document.querySelector(".zone-item"));

/** @param {string} selector */
const one = (selector) => /** @type {HTMLElement} */ (document.querySelector(selector));

/** Event: "change". */
export class Desk extends EventTarget {
  #data;
  #store;
  #words;
  #outbox;
  #palette;
  /** @type {Map<number, ItemFields>} by position */
  #items = new Map();
  /** @type {Paper} */
  #paper;
  position = 1;

  /**
   * @param {PaperData} data @param {import("../../outbox/store.js").Store} store
   * @param {import("./words.js").Words} words @param {Outbox} outbox
   */
  constructor(data, store, words, outbox) {
    super();
    this.#data = data;
    this.#store = store;
    this.#words = words;
    this.#outbox = outbox;
    this.#palette = new Palette(words, (position) => this.go(position));
    this.#paper = {
      attempt: data.attempt,
      token: data.token,
      deadline: data.deadline_at,
      flagged: data.marks.flagged,
      seen: data.marks.seen,
      marks_unsent: false,
      position: 1,
      text: "m",
      language: null,
      handing_in: false,
      read: [],
    };
    for (const element of document.querySelectorAll(".paper-item")) this.#add(/** @type {HTMLElement} */ (element));
    this.#listen();
  }

  /** @param {HTMLElement} element */
  #add(element) {
    const fields = new ItemFields(element);
    this.#items.set(fields.position, fields);
    fields.addEventListener("given", () => this.#give(fields, false));
    fields.addEventListener("typed", () => this.#give(fields, true));
    fields.addEventListener("unclear", () => this.#keepDraft(fields));
  }

  #listen() {
    one("#previous").addEventListener("click", () => this.go(this.position - 1));
    one("#flag").addEventListener("click", () => this.flag());
    for (const other of document.querySelectorAll("[data-other-language]")) {
      other.addEventListener("click", () => this.#speak(this.#words.language === "zh" ? "en" : "zh"));
    }
    for (const size of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-text-size]"))) {
      size.addEventListener("click", () => this.#resize(size.dataset.textSize ?? "m"));
    }
    const full = one("#full-screen");
    full.hidden = !document.fullscreenEnabled;
    full.addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()));
    document.addEventListener("fullscreenchange", () => this.#tell());
  }

  /** Puts back what this computer and the server have, and the item that was in sight. */
  async load() {
    const kept = await this.#store.paper(this.#data.attempt);
    if (kept) {
      const marks = kept.marks_unsent ? {} : { flagged: this.#paper.flagged, seen: this.#paper.seen };
      Object.assign(this.#paper, kept, marks, { token: this.#data.token, deadline: this.#data.deadline_at });
    }
    const language = this.#paper.language;
    if (language === "zh" || language === "en") this.#words.language = language;
    for (const fields of this.#items.values()) fields.fill(this.#outbox.payload(fields.item));
    const drafts = new Map((await this.#store.drafts(this.#data.attempt)).map((draft) => [draft.item, draft.fields]));
    for (const fields of this.#items.values()) {
      const draft = drafts.get(fields.item);
      if (draft) fields.fillLines(draft);
    }
    paperElement.dataset.text = this.#paper.text;
    this.go(this.#paper.position, { focus: false });
  }

  // giving answers

  /** @param {ItemFields} fields @param {boolean} open */
  async #give(fields, open) {
    const payload = fields.payload();
    if (payload === undefined) return;
    const isSame = JSON.stringify(payload) === JSON.stringify(this.#outbox.payload(fields.item) ?? null);
    // leaving a field tells again what was typed before: it keeps the moment at which it was typed
    if (isSame) await (open ? undefined : this.#outbox.settle(fields.item));
    else await this.#outbox.put(fields.item, payload, { open });
    if (fields.kind === "ordering") await this.#store.write([{ remove: "drafts", key: [this.#data.attempt, fields.item] }]);
  }

  /** Lines with a gap are no answer yet; they are kept here as they stand. @param {ItemFields} fields */
  async #keepDraft(fields) {
    await this.#store.write([{ put: "drafts", value: { attempt: this.#data.attempt, item: fields.item, fields: fields.lines() } }]);
    this.#tell();
  }

  /** What was typed counts as it stands. */
  settle() {
    return this.#outbox.settle();
  }

  /** @param {number} index @returns {boolean} */
  choose(index) {
    return this.#current.choose(index);
  }

  // moving about

  get #current() {
    return /** @type {ItemFields} */ (this.#items.get(this.position));
  }

  get isLast() {
    return this.position === this.#items.size;
  }

  /** Shows an item. @param {number} position @param {{focus?: boolean}} [how] */
  go(position, { focus = true } = {}) {
    const wanted = Math.min(Math.max(1, position), this.#items.size);
    const isMove = wanted !== this.position;
    this.#outbox.settle(this.#current.item);
    this.position = wanted;
    for (const fields of this.#items.values()) fields.element.hidden = fields.position !== wanted;
    const shown = this.#current;
    for (const block of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".paper-case"))) {
      block.hidden = block.dataset.case !== shown.case;
    }
    paperElement.classList.toggle("paper-without-case", shown.case === null);
    /** @type {HTMLInputElement} */ (one("#pane-item")).checked = true;
    if (!this.#paper.seen.includes(wanted)) this.#mark("seen", [...this.#paper.seen, wanted]);
    if (isMove) zone.scrollTop = 0;
    if (focus) /** @type {HTMLElement} */ (shown.element.querySelector("h2")).focus({ preventScroll: true });
    this.#paper.position = wanted;
    this.#keep();
    this.#tell();
  }

  flag() {
    const { flagged } = this.#paper;
    const isFlagged = flagged.includes(this.position);
    this.#mark("flagged", isFlagged ? flagged.filter((one) => one !== this.position) : [...flagged, this.position]);
    this.#keep();
    this.#outbox.hurry();
    this.#tell();
  }

  /** @param {"flagged" | "seen"} name @param {number[]} positions */
  #mark(name, positions) {
    this.#paper[name] = positions.sort((a, b) => a - b);
    this.#paper.marks_unsent = true;
  }

  /** @param {"zh" | "en"} language */
  #speak(language) {
    this.#paper.language = language;
    this.#words.show(language);
    this.#keep();
    this.#tell();
  }

  /** @param {string} size */
  #resize(size) {
    this.#paper.text = paperElement.dataset.text = size;
    this.#keep();
    this.#tell();
  }

  // handing in

  /** Items without an answer, and those with a flag. */
  openItems() {
    const isOpen = (/** @type {ItemFields} */ fields) => fields.payload() === undefined || isEmpty(this.#outbox.payload(fields.item));
    const open = [...this.#items.values()].filter(isOpen);
    return { open: open.map((fields) => fields.position), flagged: this.#paper.flagged };
  }

  handIn() {
    this.#paper.handing_in = true;
    this.#keep();
    this.#outbox.handIn();
  }

  stayOn() {
    this.#paper.handing_in = false;
    this.#keep();
    this.#outbox.stayOn();
  }

  /** The paper was being handed in when the page closed: it goes on. */
  goOnHandingIn() {
    if (this.#paper.handing_in) this.#outbox.handIn();
  }

  // what the server is told, and what it told

  /** @param {boolean} fullScreen */
  report(fullScreen) {
    const { flagged, seen } = this.#paper;
    return { position: this.position, marks: { flagged, seen }, full_screen: fullScreen };
  }

  /** @param {import("../../outbox/wire.js").Reply} reply */
  heard(reply) {
    const isNew = this.#paper.marks_unsent || this.#paper.deadline !== reply.deadline_at;
    this.#paper.marks_unsent = false;
    this.#paper.deadline = reply.deadline_at ?? this.#paper.deadline;
    if (isNew && !this.#outbox.isOver) this.#keep();
  }

  /** @param {number} notice */
  hasRead(notice) {
    return this.#paper.read.includes(notice);
  }

  /** @param {number} notice */
  putAway(notice) {
    this.#paper.read.push(notice);
    this.#keep();
    this.#tell();
  }

  /** Positions of items. @param {Iterable<number>} items */
  positionsOf(items) {
    const wanted = new Set(items);
    return [...this.#items.values()].filter((fields) => wanted.has(fields.item)).map((fields) => fields.position);
  }

  #keep() {
    this.#store.write([{ put: "papers", value: structuredClone(this.#paper) }]);
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }

  // showing

  render() {
    const states = new Map([...this.#items.values()].map((fields) => [fields.position, this.#stateOf(fields)]));
    const flagged = new Set(this.#paper.flagged);
    this.#palette.render({ states, flagged, current: this.position, answered: this.#outbox.answered });
    this.#renderFoot(flagged.has(this.position));
    this.#renderMark();
    one("#tab-item").textContent = this.#words.text("item", { number: this.position });
  }

  /** @param {ItemFields} fields @returns {import("./palette.js").State} */
  #stateOf(fields) {
    if (this.#outbox.pending.has(fields.item) || fields.payload() === undefined) return "pending";
    if (!isEmpty(this.#outbox.saved.get(fields.item)?.payload)) return "answered";
    return this.#paper.seen.includes(fields.position) ? "seen" : "unseen";
  }

  /** @param {boolean} isFlagged */
  #renderFoot(isFlagged) {
    const flag = one("#flag");
    flag.setAttribute("aria-pressed", String(isFlagged));
    one("#flag .key").textContent = this.#current.optionCount > 5 ? "⇧F" : "F";
    /** @type {HTMLButtonElement} */ (one("#previous")).disabled = this.position === 1;
    one("#next .to-next").hidden = this.isLast;
    one("#next .to-hand-in").hidden = !this.isLast;
    one("#full-screen").textContent = this.#words.text(isFullScreen() ? "leave_full_screen" : "full_screen");
    for (const size of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-text-size]"))) {
      size.setAttribute("aria-pressed", String(size.dataset.textSize === this.#paper.text));
    }
  }

  /** The word beside the item: whether the server has its answer. */
  #renderMark() {
    const fields = this.#current;
    const mark = /** @type {HTMLElement} */ (fields.element.querySelector(".saved-mark"));
    const words = /** @type {HTMLElement} */ (mark.querySelector("span"));
    const kept = this.#outbox.unsent.filter((entry) => entry.item === fields.item).at(-1);
    const key = this.#markOf(fields, kept !== undefined);
    const at = key === "item_saved" ? this.#outbox.saved.get(fields.item)?.at : key === "item_kept" ? kept?.at : null;
    mark.hidden = key === null;
    mark.classList.toggle("is-kept", key !== "item_saved");
    const time = at ? ` ${this.#words.clock(Date.parse(at))}` : "";
    const text = key === null ? "" : this.#words.text(key) + time;
    if (words.textContent !== text) words.textContent = text;
    const name = key === "item_saved" ? "check" : key === "item_saving" ? "loader-2" : key === "item_kept" ? "device-floppy" : "alert-circle";
    showPicture(/** @type {Element} */ (mark.querySelector("use")), name);
    mark.classList.toggle("is-saving", key === "item_saving");
  }

  /** @param {ItemFields} fields @param {boolean} isPending @returns {string | null} */
  #markOf(fields, isPending) {
    const trouble = this.#outbox.troubles.get(fields.item);
    if (fields.payload() === undefined) return "item_gap";
    if (isPending) return this.#outbox.isReachable ? "item_saving" : "item_kept";
    if (trouble === "malformed" && !isEmpty(fields.payload())) return "item_malformed";
    if (trouble) return ["late", "conflict", "paused", "handed_in"].includes(trouble) ? "item_aside" : "item_refused";
    return isEmpty(this.#outbox.saved.get(fields.item)?.payload) ? null : "item_saved";
  }
}
