// The waiting room: asks every five seconds how things stand, counts down by the server's time, opens the paper by itself.
import { digits, pageWritten, ServerClock } from "../outbox/clock.js";

const POLL_MS = 5000;
const JITTER_MS = 1500;
const PATIENCE_MS = 8000;
const PAUSES_MS = [1000, 2000, 4000, 5000];
const SPOKEN_MINUTES = [30, 10, 5, 1];

/** @typedef {{state: string, entered: boolean, server_now: string, start_at: string, announced: boolean, first_page_at: string, notices: {id: number, text: string}[], poll: string, again: string, seat: string | null}} State */

const data = /** @type {State} */ (JSON.parse(element("waiting-data").textContent ?? ""));
const clock = new ServerClock(data.server_now, pageWritten());
const form = /** @type {HTMLFormElement} */ (element("start"));
const title = element("waiting-title");
const count = element("count");
const spoken = element("spoken");
const cameLate = Date.parse(data.start_at) <= Date.parse(data.server_now);
let state = data;
let failures = 0;
let starting = false;
let lastMinutes = Number.POSITIVE_INFINITY;

/** @param {string} id @returns {HTMLElement} */
function element(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/** @param {"saved" | "offline" | "elsewhere"} line */
function showLine(line) {
  for (const one of element("line").querySelectorAll("[data-line]")) {
    /** @type {HTMLElement} */ (one).hidden = one.getAttribute("data-line") !== line;
  }
}

/** @param {Response} answer @returns {boolean} whether it is one of the site for this person */
function isOwn(answer) {
  return !answer.redirected && (answer.headers.get("content-type") ?? "").includes("json");
}

async function poll() {
  let pause = POLL_MS + (Math.random() * 2 - 1) * JITTER_MS;
  const asked = performance.now();
  try {
    const answer = await fetch(data.poll, { headers: { Accept: "application/json" }, cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.status >= 500) throw new Error("the server is away");
    if (!isOwn(answer)) return showLine("elsewhere");
    if (!answer.ok) return location.replace(data.again);
    const told = /** @type {State} */ (await answer.json());
    clock.observe(told.server_now, asked, performance.now());
    failures = 0;
    showLine("saved");
    hear(told);
  } catch {
    showLine("offline");
    pause = PAUSES_MS[Math.min(failures, PAUSES_MS.length - 1)] * (0.8 + Math.random() * 0.4);
    failures += 1;
  }
  setTimeout(poll, pause);
}

/** @param {State} told */
function hear(told) {
  const moved = !told.entered || told.seat !== state.seat || !["waiting", "running"].includes(told.state);
  state = { ...data, ...told };
  if (moved || told.state === "running") return location.replace(data.again);
  element("announced").hidden = !told.announced;
  element("begins").textContent = atTheBases(told.start_at);
  const notices = element("notices");
  if (told.notices.map((notice) => notice.text).join() !== [...notices.children].map((one) => one.textContent).join()) {
    notices.replaceChildren(...told.notices.map((notice) => {
      const line = document.createElement("p");
      line.className = "message message-info";
      line.textContent = notice.text;
      return line;
    }));
  }
  tick();
}

/** @param {string} moment @returns {string} as the server writes it: hours and minutes at the bases */
function atTheBases(moment) {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const text = format.format(new Date(moment));
  return text.endsWith(":00") ? text.slice(0, 5) : text;
}

/** @param {number} left ms */
function speak(left) {
  const minutes = Math.ceil(left / 60_000);
  const due = SPOKEN_MINUTES.find((one) => minutes <= one && lastMinutes > one && minutes > 0);
  lastMinutes = minutes;
  if (due) spoken.textContent = (spoken.dataset.minutes ?? "").replace("{minutes}", String(minutes));
}

function tick() {
  const left = Date.parse(state.start_at) - clock.now();
  const begun = left <= 0;
  count.textContent = digits(Math.max(0, Math.ceil(left / 1000)));
  title.textContent = (begun ? title.dataset.after : title.dataset.before) ?? "";
  count.hidden = begun && cameLate;
  form.hidden = !begun;
  if (begun) return cameLate || clock.now() < Date.parse(state.first_page_at) ? undefined : start();
  speak(left);
}

async function start() {
  if (starting) return;
  starting = true;
  spoken.textContent = spoken.dataset.soon ?? "";
  for (let tries = 0; ; tries += 1) {
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE_MS) });
      if (answer.status < 500) {
        const { url } = isOwn(answer) && answer.ok ? await answer.json() : { url: data.again };
        return location.assign(url);
      }
    } catch {
      // the network went just now: the paper begins as soon as it is back
    }
    showLine("offline");
    await new Promise((resolve) => setTimeout(resolve, PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)]));
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  start();
});

const full = element("full-screen");
full.hidden = !document.fullscreenEnabled;
full.addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()));

const trial = element("answer");
trial.addEventListener("submit", (event) => event.preventDefault());
const showTrial = () => (element("trial-saved").hidden = !trial.querySelector(":checked"));
trial.addEventListener("change", showTrial);
trial.addEventListener("reset", () => setTimeout(showTrial));

tick();
setInterval(tick, 250);
setTimeout(poll, Math.random() * POLL_MS);
