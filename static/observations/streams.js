/** The pictures to choose among, each with its name and its state in a word. */

import { byId, element, icon, mark, renew, text } from "./face.js";

/**
 * @typedef {object} Choice
 * @property {import("./standing.js").Stream[]} streams
 * @property {string | null} [program] the venue that is the program
 * @property {string} shown
 * @property {boolean} [isOnAir] undefined while it says nothing which of them send
 */

/** @param {Choice} choice @param {(stream: string) => void} choose */
export function showStreams(choice, choose) {
  renew(byId("streams"), choice, () => choice.streams.map((one) => element("li", {}, tile(one, choice, choose))));
}

/** @param {import("./standing.js").Stream} one @param {Choice} choice @param {(stream: string) => void} choose */
function tile(one, choice, choose) {
  const isShown = one.stream === choice.shown;
  const made = element("button", { class: "stream", type: "button", "aria-pressed": String(isShown), "data-key": one.stream });
  const state = about(one, choice);
  made.append(element("b", { class: "stream-name" }, one.name || text("program")));
  if (state.length) made.append(element("span", { class: "stream-state" }, ...state));
  if (isShown) made.append(element("span", { class: "stream-shown" }, icon("eye"), text("watching")));
  made.addEventListener("click", () => isShown || choose(one.stream));
  return made;
}

/** @param {import("./standing.js").Stream} one @param {Choice} choice @returns {(Node | string)[]} */
function about(one, { streams, program, isOnAir }) {
  if (one.stream === "program") return [streams.find((other) => other.stream === program)?.name ?? text("program_more")];
  if (isOnAir === undefined) return [];
  if (!one.live) return [mark("failed", text("away"))];
  return [mark("good", text("live")), ...(one.stream === program && isOnAir ? [` · ${text("on_program")}`] : [])];
}
