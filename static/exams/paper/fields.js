/** The fields of one item: what they say as an answer, and how an answer is put back into them. */

const TYPING_MS = 2000;

/** @typedef {Record<string, string>} Fields what stands in the lines of an ordering or matching item, by line */

export class ItemFields extends EventTarget {
  item;
  position;
  kind;
  case;
  element;
  #typing = 0;

  /** Events: "given" (an answer), "typed" (a number that may go on), "unclear" (lines with a gap). @param {HTMLElement} element */
  constructor(element) {
    super();
    this.element = element;
    this.item = Number(element.dataset.item);
    this.position = Number(element.dataset.position);
    this.kind = element.dataset.kind ?? "";
    this.case = element.dataset.case ?? null;
    element.addEventListener("change", (event) => this.#changed(/** @type {HTMLElement} */ (event.target)));
    element.addEventListener("input", () => this.#typed());
    element.querySelector(".clear-answer")?.addEventListener("click", () => this.clear());
  }

  get #options() {
    return /** @type {HTMLInputElement[]} */ ([...this.element.querySelectorAll(".option-input")]);
  }

  get #selects() {
    return /** @type {HTMLSelectElement[]} */ ([...this.element.querySelectorAll("select")]);
  }

  get #number() {
    return /** @type {HTMLInputElement | null} */ (this.element.querySelector("input[name=number]"));
  }

  get optionCount() {
    return this.#options.length;
  }

  /** The answer, or undefined while lines of an ordering item have a gap. @returns {unknown} */
  payload() {
    if (this.kind === "numeric") return this.#number?.value.trim() ?? "";
    if (this.kind === "matching") return this.lines();
    if (this.kind === "ordering") return this.#order();
    return this.#options.filter((input) => input.checked).map((input) => input.value).sort();
  }

  /** Lines that have a place or a partner. @returns {Fields} */
  lines() {
    const filled = this.#selects.filter((select) => select.value);
    return Object.fromEntries(filled.map((select) => [select.name, select.value]));
  }

  /** @returns {string[] | undefined} */
  #order() {
    const placed = this.#selects.filter((select) => select.value).sort((a, b) => Number(a.value) - Number(b.value));
    return placed.every((select, index) => Number(select.value) === index + 1) ? placed.map((select) => select.name) : undefined;
  }

  /** Puts an answer into the fields. @param {unknown} payload */
  fill(payload) {
    const list = Array.isArray(payload) ? payload : [];
    for (const input of this.#options) input.checked = list.includes(input.value);
    if (this.#number) this.#number.value = typeof payload === "string" ? payload : "";
    if (this.kind === "ordering") this.fillLines(Object.fromEntries(list.map((id, index) => [id, String(index + 1)])));
    if (this.kind === "matching") this.fillLines(/** @type {Fields} */ (payload ?? {}));
  }

  /** @param {Fields} fields */
  fillLines(fields) {
    for (const select of this.#selects) select.value = fields[select.name] ?? "";
  }

  /** Chooses an option by its place, or takes the choice back. @param {number} index from 0 @returns {boolean} whether there is one */
  choose(index) {
    const input = this.#options[index];
    if (!input) return false;
    input.checked = !input.checked;
    input.focus();
    this.#changed(input);
    return true;
  }

  clear() {
    this.fill(null);
    this.#give();
  }

  /** @param {HTMLElement} target */
  #changed(target) {
    if (this.kind === "ordering" && target instanceof HTMLSelectElement) this.#makeRoom(target);
    this.#give();
  }

  /** A place belongs to one line: the line that had it takes the place that became free. @param {HTMLSelectElement} changed */
  #makeRoom(changed) {
    const taken = new Set(this.#selects.map((select) => select.value));
    const free = [...changed.options].map((option) => option.value).find((value) => value && !taken.has(value));
    const other = this.#selects.find((select) => select !== changed && select.value && select.value === changed.value);
    if (other) other.value = free ?? "";
  }

  #give() {
    clearTimeout(this.#typing);
    const isWhole = this.payload() !== undefined;
    this.dispatchEvent(new Event(isWhole ? "given" : "unclear"));
  }

  #typed() {
    if (this.kind !== "numeric") return;
    this.dispatchEvent(new Event("typed"));
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#give(), TYPING_MS);
  }
}

/** Whether nothing was answered. @param {unknown} payload */
export function isEmpty(payload) {
  if (payload === undefined || payload === null || payload === "") return true;
  return typeof payload === "object" && Object.keys(payload).length === 0;
}
