/** A venue sends its camera or screen, sees whether it is on the air, and is told in words what is wrong. */

import { ask } from "../streams/site.js";
import { Publication } from "../streams/whip.js";
import { airOf } from "./air.js";
import { showCover, showLine } from "./cover.js";
import { close, fill, hasScreens, isSecure, open, wordOf } from "./devices.js";
import { byId, data, element, figure, icon, mark, renew, say, setIcon, sizeOf, text, write } from "./face.js";
import { Level } from "./level.js";
import { showRecipe } from "./recipe.js";
import { Listening } from "./talkback.js";

const POLL_MS = 2500;
const LEVEL_MS = 100;
const SILENT_AFTER_MS = 4000;

const video = /** @type {HTMLVideoElement} */ (byId("video"));
const send = /** @type {HTMLButtonElement} */ (byId("send"));
const camera = /** @type {HTMLSelectElement} */ (byId("camera"));
const microphone = /** @type {HTMLSelectElement} */ (byId("microphone"));
const speech = /** @type {HTMLInputElement} */ (byId("speech"));
const meter = /** @type {HTMLMeterElement} */ (byId("level"));
const level = new Level();

/** @type {import("./air.js").Told | null} */
let told = null;
let isSiteAway = false;
/** @type {MediaStream | null} */
let stream = null;
/** @type {import("./devices.js").Kind} */
let kind = "camera";
/** @type {string | null} the word for what went wrong with the device */
let fault = isSecure ? null : "insecure";
/** @type {Publication | null} */
let publication = null;
let heardAt = performance.now();

const enter = () => ask(data.urls.enter, { csrf: data.csrf, body: {} });
const listening = new Listening(
  () => ask(data.urls.listen, { csrf: data.csrf, body: {} }),
  () => told !== null && !["closed", "ended"].includes(told.state),
);
listening.addEventListener("change", () => (byId("spoken-to").hidden = !listening.isSpoken));

/** Takes the source that is chosen now, in the preview and, when it is being sent, in the stream. */
async function take() {
  try {
    const taken = await open({ kind, camera: camera.value, microphone: microphone.value, isSpeech: speech.checked });
    if (stream !== taken) close(stream);
    stream = taken;
    fault = null;
  } catch (raised) {
    if (kind === "screen" && stream && wordOf(raised) === "refused") return; // the choice was called off
    fault = wordOf(raised);
    return render();
  }
  video.srcObject = stream;
  video.play().catch(() => {});
  for (const track of stream.getTracks()) track.addEventListener("ended", () => stream?.getTracks().includes(track) && lose());
  level.listen(stream);
  heardAt = performance.now();
  await publication?.replace(stream);
  await showDevices();
  render();
}

/** The device was pulled out, or the screen is shared no more. */
function lose() {
  fault = kind === "screen" ? null : "no_device";
  if (kind === "screen") {
    close(stream);
    stream = null;
    stop();
  }
  render();
}

async function showDevices() {
  const [picture, sound] = [stream?.getVideoTracks()[0], stream?.getAudioTracks()[0]];
  const cameras = await fill(camera, "videoinput", picture);
  const microphones = await fill(microphone, "audioinput", sound);
  byId("camera-field").hidden = kind !== "camera" || cameras === 0;
  byId("microphone-field").hidden = microphones === 0;
  byId("speech-field").hidden = microphones === 0;
}

function start() {
  if (!stream) return;
  publication = new Publication(stream, enter);
  publication.addEventListener("change", render);
  /** @type {any} */ (navigator).wakeLock?.request("screen").catch(() => {});
  render();
}

function stop() {
  publication?.stop();
  publication = null;
  render();
}

function cover() {
  if (fault) return { picture: "alert-circle", title: text(fault), more: text(`${fault}_more`) };
  return stream ? null : { picture: "video", title: text("choose"), more: text("choose_more") };
}

function line() {
  const keys = { connecting: "connecting", lost: "lost", refused: "refused_venue", taken_over: "taken_over" };
  if (publication?.state === "refused" && publication.message) return publication.message;
  return publication ? text(keys[/** @type {keyof typeof keys} */ (publication.state)] ?? "") : "";
}

function showFigures() {
  const sending = publication?.sending;
  write(byId("size"), sending?.width ? `${sizeOf(sending)} · ${figure(sending.fps, 0)} fps` : "–");
  write(byId("rate"), sending ? text("rate", { rate: figure(sending.kbps / 1000, 1) }) : "–");
  write(byId("loss"), sending ? `${figure(sending.lossPercent, 1)} %` : "–");
  write(byId("trip"), sending?.tripMs != null ? text("milliseconds", { number: figure(sending.tripMs, 0) }) : "–");
  const isBad = sending && (sending.lossPercent > 5 || (sending.tripMs ?? 0) > 400);
  const isWeak = sending && (sending.lossPercent > 1 || (sending.tripMs ?? 0) > 150);
  const grade = !sending ? "" : isBad ? "bad" : isWeak ? "weak" : "good";
  renew(byId("grade"), grade, () => (grade ? [mark(grade === "good" ? "good" : "attention", text(`grade_${grade}`))] : []));
  return grade;
}

/** @param {string} grade */
function showWarnings(grade) {
  const warnings = (told?.warnings ?? []).map((one) => one.text);
  if (grade === "bad") warnings.push(text("grade_bad_more"));
  if (isSiteAway) warnings.push(text("site_away"));
  renew(byId("warnings"), warnings, () => warnings.map((one) => element("div", { class: "message message-warning" }, icon("alert-triangle"), element("div", {}, element("p", {}, one)))));
}

function render() {
  const air = airOf(told, publication?.state === "sending", publication !== null);
  const panel = byId("air");
  panel.dataset.air = air.look;
  write(byId("air-word"), text(air.word));
  write(byId("air-more"), text(`${air.word}_more`));
  showCover(cover());
  showLine(line());
  showWarnings(showFigures());
  const isSending = publication !== null && publication.state !== "taken_over";
  const word = send.querySelector("span");
  if (word) write(word, text(isSending ? "stop" : "send"));
  setIcon(send, isSending ? "player-stop" : "access-point");
  send.classList.toggle("btn-gold", !isSending);
  send.disabled = !isSending && (!stream || told?.state === "ended");
  write(byId("send-note"), isSending || told?.on_air ? "" : text("send_note"));
  byId("use-camera").setAttribute("aria-pressed", String(stream !== null && kind === "camera"));
  byId("use-screen").setAttribute("aria-pressed", String(stream !== null && kind === "screen"));
}

function showLevel() {
  const value = level.value;
  meter.value = value ?? 0;
  const now = performance.now();
  if (value === null || value > 3) heardAt = now;
  const word = value === null ? "no_microphone" : value > 92 ? "loud" : now - heardAt > SILENT_AFTER_MS ? "silent" : "good";
  write(byId("level-word"), stream ? text(word) : "");
}

async function poll() {
  const outcome = await ask(data.urls.state);
  isSiteAway = outcome.kind === "unreachable";
  if (outcome.kind === "refused") {
    stop();
    return location.reload(); // the link holds no more: the site says why
  }
  if (outcome.kind === "answer") told = outcome.answer;
  if (told?.state === "ended") publication?.stop();
  render();
  if (told?.state !== "ended") setTimeout(poll, POLL_MS);
}

byId("use-camera").addEventListener("click", () => ((kind = "camera"), take()));
byId("use-screen").addEventListener("click", () => ((kind = "screen"), take()));
for (const choice of [camera, microphone, speech]) choice.addEventListener("change", take);
send.addEventListener("click", () => {
  if (publication && publication.state !== "taken_over") return stop();
  start();
  say(text("connecting"));
});
addEventListener("beforeunload", (event) => publication?.state === "sending" && event.preventDefault());
addEventListener("pagehide", () => (listening.stop(), publication?.stop()));
for (const button of /** @type {HTMLButtonElement[]} */ ([byId("use-camera"), byId("use-screen")])) button.disabled = !isSecure;
byId("use-screen").hidden = isSecure && !hasScreens;
showRecipe(data.urls.obs);
setInterval(showLevel, LEVEL_MS);
render();
poll();
