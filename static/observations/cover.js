/** What lies over a picture: a cover in its place, a line at its foot, the moving name of who watches. */

import { byId, element, icon, say, write } from "./face.js";

/** @typedef {{text: string, press?: () => void, href?: string}} Action */
/** @typedef {{picture: string, title: string, more?: string, action?: Action | null}} Cover */

const MOVE_MS = 20_000;

/** @param {Action} action */
function button({ text, press, href }) {
  const made = href ? element("a", { class: "btn", href }, text) : element("button", { class: "btn", type: "button" }, text);
  if (press) made.addEventListener("click", press);
  return made;
}

/** Shows a cover in place of the picture, or the picture again. @param {Cover | null} cover */
export function showCover(cover) {
  const place = byId("cover");
  const seen = JSON.stringify(cover);
  if (place.dataset.seen === seen) return;
  place.dataset.seen = seen;
  place.hidden = cover === null;
  if (!cover) return place.replaceChildren();
  const turning = cover.picture === "loader-2" ? "is-turning" : "";
  place.replaceChildren(icon(cover.picture, turning), element("p", { class: "picture-cover-title" }, cover.title));
  if (cover.more) place.append(element("p", {}, cover.more));
  if (cover.action) place.append(button(cover.action));
  say(cover.more ? `${cover.title}. ${cover.more}` : cover.title);
}

/** A line at the foot of the picture, or none. @param {string} said */
export function showLine(said) {
  const line = byId("line");
  if (said && line.textContent !== said) say(said);
  write(line, said);
  line.hidden = !said;
}

/** The name of who watches, over the picture, at another place every now and then. @param {string} name */
export function showMark(name) {
  const mark = byId("mark");
  if (mark.textContent === name) return;
  mark.textContent = name;
  if (mark.dataset.moves) return;
  mark.dataset.moves = "yes";
  const move = () => {
    mark.style.setProperty("--x", String(Math.random()));
    mark.style.setProperty("--y", String(Math.random()));
  };
  move();
  setInterval(move, MOVE_MS);
}

/** The button that fills the screen with picture and name; without it where a browser cannot. @param {{enter: string, leave: string}} words */
export function fillScreen(words) {
  const full = byId("full-screen");
  const picture = byId("picture");
  full.hidden = !document.fullscreenEnabled;
  full.addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : picture.requestFullscreen()));
  picture.addEventListener("dblclick", () => full.hidden || full.click());
  document.addEventListener("fullscreenchange", () => {
    const word = full.querySelector("span");
    if (word) write(word, document.fullscreenElement ? words.leave : words.enter);
  });
}
