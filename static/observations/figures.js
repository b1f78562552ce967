/** The studio's figures: what arrives from each venue, who watches, what is recorded. */

import { digits } from "../outbox/clock.js";
import { byId, element, figure, renew, text, write } from "./face.js";

/** @typedef {import("./studio.js").Told} Told */

const SPACE = "http://www.w3.org/2000/svg";

/** @param {Told} told */
export function showVenues({ venues }) {
  const live = venues.filter((one) => one.live).length;
  write(byId("venues-word"), live === venues.length ? text("all_connected") : text("some_connected", { live, all: venues.length }));
}

/** @param {Told} told */
export function showFigures({ venues }) {
  renew(byId("figures"), venues, () => venues.map((one) => {
    const cells = one.live ? [figure(((one.kbps_video ?? 0) + (one.kbps_audio ?? 0)) / 1000, 1), `${figure(one.loss_percent ?? 0, 1)} %`, one.height ? `${one.height}p ${figure(one.fps ?? 0, 0)}` : "–"] : ["–", "–", "–"];
    return element("tr", one.warnings.length ? { class: "is-weak" } : {}, element("th", { scope: "row" }, one.name), ...cells.map((cell) => element("td", { class: "number" }, cell)));
  }));
}

/** A bar of `part` in `whole`, both on the scale of `most`. @param {number} part @param {number} whole @param {number} most */
function bar(part, whole, most) {
  const drawing = document.createElementNS(SPACE, "svg");
  drawing.setAttribute("class", "bar");
  drawing.setAttribute("aria-hidden", "true");
  for (const [look, value] of /** @type {[string, number][]} */ ([["bar-ground", Math.max(whole, part)], ["bar-value", part]])) {
    const rect = document.createElementNS(SPACE, "rect");
    rect.setAttribute("class", look);
    rect.setAttribute("width", `${((100 * value) / Math.max(most, 1)).toFixed(1)}%`);
    rect.setAttribute("height", "100%");
    drawing.append(rect);
  }
  return drawing;
}

/** @param {Told} told */
export function showWatching({ watching }) {
  write(byId("watching-word"), text("watching", { total: watching.total }));
  const most = Math.max(...watching.bases.map((one) => Math.max(one.booked, one.watching)), 1);
  if (!watching.bases.length) return renew(byId("watching"), "nobody", () => [element("li", { class: "quiet" }, text("nobody"))]);
  renew(byId("watching"), watching, () => watching.bases.map((one) => {
    const words = one.booked ? text("watching_one", { watching: one.watching, booked: one.booked }) : String(one.watching);
    return element("li", { "data-base": one.base }, element("span", { class: "base-mark" }, one.name), bar(one.watching, one.booked, most), element("span", { class: "watching-number" }, words));
  }));
}

/** @param {Told} told */
export function showRecording({ recording, hours, state }) {
  const running = recording.is_on ? text("recording_on", { time: digits(Math.floor(recording.seconds)) }) : text("recording_off");
  const left = state === "ended" ? "" : text("recording_hours", { hours: figure(hours, 0) });
  write(byId("recording"), [running, left].filter(Boolean).join(" "));
}
