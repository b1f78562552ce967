/** The studio: every venue as it sends, which one is the program, on the air, held, ended. */

import { ask } from "../streams/site.js";
import { Monitor } from "./monitor.js";
import { byId, data, element, icon, renew, say, text, write } from "./face.js";
import { showFigures, showRecording, showVenues, showWatching } from "./figures.js";
import { Talk } from "./talkback.js";

/**
 * @typedef {{name: string, text: string}} Warning
 * @typedef {object} Told
 * @property {"closed" | "open" | "on_air" | "held" | "ended"} state
 * @property {string | null} program
 * @property {boolean} is_media_up
 * @property {VenueTold[]} venues
 * @property {Warning[]} warnings of the program
 * @property {{total: number, bases: {base: string, name: string, watching: number, booked: number}[]}} watching
 * @property {{is_on: boolean, seconds: number}} recording
 * @property {number} hours that can still be recorded
 * @typedef {object} VenueTold
 * @property {string} stream
 * @property {string} name
 * @property {boolean} live
 * @property {boolean} consented
 * @property {boolean} recorded
 * @property {number | null} height
 * @property {number | null} fps
 * @property {number | null} kbps_video
 * @property {number | null} kbps_audio
 * @property {number | null} loss_percent
 * @property {Warning[]} warnings
 */

const POLL_MS = 2000;
const ACTS = { closed: ["open"], open: ["air", "end"], on_air: ["hold", "end"], held: ["resume", "end"], ended: [] };

const dialog = /** @type {HTMLDialogElement} */ (byId("dialog"));
const program = /** @type {HTMLVideoElement} */ (byId("program-video"));
let told = /** @type {Told} */ (data);
let trouble = "";
let isSiteAway = false;
let isSignedOut = false;

const monitors = told.venues.map((venue, index) => new Monitor(venue, index + 1, { enter, choose: (stream) => act("program", stream), listen }));

const talk = new Talk(() => ask(data.urls.talk, { csrf: data.csrf, body: {} }));

/** @param {string} stream */
function enter(stream) {
  return ask(data.urls.enter, { csrf: data.csrf, body: { stream } });
}

/** Sound of one venue at most. @param {Monitor} wanted */
function listen(wanted) {
  for (const one of monitors) one.setMuted(one !== wanted || !one.isMuted);
}

/** @param {string} name @param {string} [stream] */
async function act(name, stream) {
  const outcome = await ask(data.urls.act.replace("ACT", name), { csrf: data.csrf, body: stream ? { stream } : {} });
  trouble = outcome.kind === "answer" ? "" : outcome.kind === "refused" ? outcome.message : text("failed");
  isSignedOut ||= outcome.kind === "signed_out";
  if (outcome.kind === "answer") hear({ ...told, ...outcome.answer });
  else render();
}

/** @param {Told} news */
function hear(news) {
  const isOther = news.state !== told.state;
  told = news;
  if (isOther) say(text(`is_${told.state}`));
  for (const venue of told.venues) monitors.find((one) => one.stream === venue.stream)?.hear(venue, told.state);
  render();
}

function showProgram() {
  const monitor = monitors.find((one) => one.stream === told.program);
  const stream = monitor?.picture ?? null;
  if (program.srcObject !== stream) {
    program.srcObject = stream;
    program.play().catch(() => {});
  }
  const cover = byId("program-cover");
  cover.hidden = Boolean(monitor);
  renew(cover, told.program, () => (monitor ? [] : [icon("video"), element("p", { class: "picture-cover-title" }, text("no_program")), element("p", {}, text("no_program_more"))]));
  byId("program").dataset.state = told.state;
  write(byId("program-word"), text(told.state === "on_air" ? "program" : `is_${told.state}`));
  write(byId("program-name"), monitor?.name ?? "");
}

function showTalk() {
  const button = byId("talk");
  const mayTalk = told.state !== "closed" && told.state !== "ended";
  if (!mayTalk && talk.isOn) talk.stop();
  button.hidden = !mayTalk;
  button.setAttribute("aria-pressed", String(talk.isOn));
  button.classList.toggle("btn-danger", talk.state === "on");
  const word = button.querySelector("span");
  if (word) write(word, text(talk.isOn ? `talk_${talk.state}` : "talk_off"));
}

function showNotices() {
  const silence = ["insecure", "refused"].includes(talk.state) ? text(`talk_${talk.state}`) : "";
  const said = [trouble, silence, isSignedOut ? text("signed_out") : isSiteAway ? text("lost") : told.is_media_up ? "" : text("media_away")].filter(Boolean);
  renew(byId("notices"), said, () => said.map((one) => element("div", { class: "message message-warning" }, icon("alert-triangle"), element("div", {}, element("p", {}, one)))));
  const warnings = [...told.venues, { name: text("program"), warnings: told.warnings }].flatMap(({ name, warnings }) => warnings.map((one) => `${name}: ${one.text}`));
  renew(byId("weak"), warnings, () => warnings.map((one) => element("li", {}, icon("alert-triangle"), element("span", {}, one))));
}

function render() {
  write(byId("state"), text(`is_${told.state}`));
  byId("state").dataset.state = told.state;
  write(byId("acts-word"), text(`${told.state}_word`));
  const allowed = /** @type {string[]} */ (ACTS[told.state]);
  for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("[data-act]"))) {
    button.hidden = !allowed.includes(button.dataset.act ?? "");
  }
  for (const one of monitors) one.render(told);
  showProgram();
  showTalk();
  showNotices();
  showVenues(told);
  showFigures(told);
  showWatching(told);
  showRecording(told);
}

async function poll() {
  const outcome = await ask(data.urls.state);
  isSiteAway = outcome.kind === "unreachable";
  isSignedOut = outcome.kind === "signed_out";
  if (outcome.kind === "answer") hear(outcome.answer);
  else render();
  if (!isSignedOut && told.state !== "ended") setTimeout(poll, POLL_MS);
}

byId("acts").addEventListener("click", (event) => {
  const name = /** @type {HTMLElement} */ (event.target).closest("button")?.dataset.act;
  if (name === "end") dialog.showModal();
  else if (name) act(name);
});
const turnTalk = () => (talk.isOn ? talk.stop() : talk.start());
byId("talk").addEventListener("click", turnTalk);
talk.addEventListener("change", render);
dialog.addEventListener("close", () => dialog.returnValue === "end" && act("end"));
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || dialog.open) return;
  const stream = monitors[Number(event.key) - 1]?.stream;
  if (stream && stream !== told.program) act("program", stream);
  if (event.key.toLowerCase() === "t" && !byId("talk").hidden) turnTalk();
  if (event.key.toLowerCase() !== "h") return;
  if (told.state === "on_air") act("hold");
  else if (told.state === "held") act("resume");
});
for (const one of monitors) {
  byId("monitors").append(one.element);
  one.addEventListener("change", render);
}
addEventListener("pagehide", () => (talk.stop(), monitors.forEach((one) => one.stop())));
hear(told);
setTimeout(poll, POLL_MS);
