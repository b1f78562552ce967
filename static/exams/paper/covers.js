/** What stands in place of the paper: paused, open elsewhere, time up, handed in; and the lines under the head. */

import { element, icon } from "./words.js";

/** @typedef {import("./words.js").Words} Words */
/** @typedef {{text: string, kind?: "gold" | "navy" | "plain", press?: () => void, href?: string}} Action */
/** @typedef {{picture: string, look?: string, title: string, lines: string[], actions?: Action[]}} Cover */
/** @typedef {{id: string, picture: string, look?: "amber" | "navy" | "red", title: string, text: string, aside?: string, action?: Action}} Notice */

/** @param {Action} action */
function button({ text, kind = "plain", press, href }) {
  const look = kind === "plain" ? "btn" : `btn btn-${kind}`;
  const made = href ? element("a", { class: look, href }, text) : element("button", { class: look, type: "button" }, text);
  if (press) made.addEventListener("click", press);
  return made;
}

export class Covers {
  #cover = /** @type {HTMLElement} */ (document.querySelector("#cover"));
  #zones = /** @type {HTMLElement} */ (document.querySelector(".paper-zones"));
  #tabs = /** @type {HTMLElement} */ (document.querySelector(".pane-tabs"));
  #foot = /** @type {HTMLElement} */ (document.querySelector(".paper-foot"));
  #shown = "";

  /** Covers the paper, or shows it again. @param {Cover | null} cover */
  show(cover) {
    const shown = JSON.stringify(cover);
    if (shown === this.#shown) return;
    const wasHidden = this.#cover.hidden;
    this.#shown = shown;
    this.#cover.hidden = cover === null;
    for (const part of [this.#zones, this.#tabs, this.#foot]) part.hidden = part.inert = cover !== null;
    this.#cover.replaceChildren(...(cover ? [card(cover)] : []));
    if (cover && wasHidden) this.#cover.focus();
  }

  get isShown() {
    return !this.#cover.hidden;
  }
}

/** @param {Cover} cover */
function card({ picture, look = "", title, lines, actions = [] }) {
  return element(
    "div",
    { class: `cover-card ${look}` },
    icon(picture, "cover-picture"),
    element("h2", { id: "cover-title" }, title),
    ...lines.filter(Boolean).map((line) => element("p", {}, line)),
    ...(actions.length ? [element("div", { class: "buttons" }, ...actions.map(button))] : []),
  );
}

export class Notices {
  #place = /** @type {HTMLElement} */ (document.querySelector("#notices"));
  #shown = "";

  /** @param {Notice[]} notices */
  show(notices) {
    const shown = JSON.stringify(notices);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#place.replaceChildren(...notices.map(line));
  }
}

/** @param {Notice} notice */
function line({ id, picture, look = "amber", title, text, aside, action }) {
  return element(
    "div",
    { class: `paper-notice notice-${look}`, "data-notice": id },
    icon(picture),
    element("p", {}, element("b", {}, title), document.documentElement.lang === "en" ? " " : "", text),
    ...(aside ? [element("span", { class: "notice-aside" }, aside)] : []),
    ...(action ? [button(action)] : []),
  );
}

/** The dialog that asks before the paper is handed in. */
export class HandInDialog {
  #dialog = /** @type {HTMLDialogElement} */ (document.querySelector("#dialog"));
  #words;

  /** @param {Words} words */
  constructor(words) {
    this.#words = words;
  }

  get isOpen() {
    return this.#dialog.open;
  }

  close() {
    if (this.#dialog.open) this.#dialog.close();
  }

  /**
   * @param {{open: number[], flagged: number[], unsent: number, items: number, opensAt: string | null}} found
   * @param {{go: (position: number) => void, handIn: () => void}} acts
   */
  ask(found, acts) {
    const words = this.#words;
    const { open, flagged, unsent, items, opensAt } = found;
    const handIn = button({ text: words.text("hand_in"), kind: "gold", press: () => this.#then(acts.handIn) });
    handIn.toggleAttribute("disabled", opensAt !== null);
    const back = button({ text: words.text("go_on"), press: () => this.close() });
    const jump = (/** @type {number} */ position) => () => this.#then(() => acts.go(position));
    this.#dialog.replaceChildren(
      element("h2", { id: "dialog-title" }, words.text("hand_in_title")),
      ...(open.length
        ? [element("p", { class: "open-title" }, icon("alert-circle"), words.text("open_items", { count: open.length, items })), positions(open, jump)]
        : [element("p", { class: "open-title is-whole" }, icon("circle-check"), words.text("all_answered", { items }))]),
      ...(flagged.length
        ? [element("p", { class: "open-title" }, icon("flag"), words.text("flagged_items", { count: flagged.length })), positions(flagged, jump)]
        : []),
      ...(unsent ? [element("p", {}, words.text("still_to_send", { count: unsent }))] : []),
      element("p", {}, opensAt ? words.text("too_early", { time: opensAt }) : words.text("not_back")),
      element("div", { class: "buttons" }, handIn, back),
    );
    this.#dialog.showModal();
    back.focus();
  }

  /** @param {() => void} act */
  #then(act) {
    this.close();
    act();
  }
}

/** @param {number[]} numbers @param {(position: number) => () => void} jump */
function positions(numbers, jump) {
  const cells = numbers.map((number) => {
    const cell = element("button", { class: "cell cell-seen", type: "button" }, String(number));
    cell.addEventListener("click", jump(number));
    return element("li", {}, cell);
  });
  return element("ul", { class: "palette open-items" }, ...cells);
}
