/** The palette: where one is, what is answered, to be sent, seen, flagged; by shape as well as by colour. */

/** @typedef {"answered" | "pending" | "seen" | "unseen"} State */

export class Palette {
  #words;
  #cells;
  #tally;

  /** @param {import("./words.js").Words} words @param {(position: number) => void} go */
  constructor(words, go) {
    this.#words = words;
    this.#tally = /** @type {HTMLElement} */ (document.querySelector("#tally"));
    this.#cells = /** @type {HTMLButtonElement[]} */ ([...document.querySelectorAll("#palette .cell")]);
    for (const cell of this.#cells) cell.addEventListener("click", () => go(Number(cell.dataset.position)));
  }

  /** @param {{states: Map<number, State>, flagged: Set<number>, current: number, answered: number}} shown answered: as the server counts */
  render({ states, flagged, current, answered }) {
    const counts = { answered: 0, pending: 0, seen: 0, unseen: 0, flagged: flagged.size };
    for (const cell of this.#cells) {
      const position = Number(cell.dataset.position);
      const state = states.get(position) ?? "unseen";
      counts[state] += 1;
      cell.className = `cell cell-${state}`;
      /** @type {HTMLElement} */ (cell.querySelector(".cell-flag")).hidden = !flagged.has(position);
      const parts = [`${this.#words.text("item", { number: position })}: ${this.#words.text(state)}`];
      if (flagged.has(position)) parts.push(this.#words.text("flagged"));
      cell.setAttribute("aria-label", parts.join(this.#words.language === "zh" ? "，" : ", "));
      if (position === current) cell.setAttribute("aria-current", "true");
      else cell.removeAttribute("aria-current");
    }
    counts.answered = answered;
    for (const line of /** @type {NodeListOf<HTMLElement>} */ (this.#tally.querySelectorAll("[data-tally]"))) {
      const name = /** @type {keyof typeof counts} */ (line.dataset.tally);
      line.hidden = name === "pending" && !counts.pending;
      /** @type {HTMLElement} */ (line.querySelector("b")).textContent = String(counts[name]);
    }
  }
}
