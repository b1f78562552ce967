// The entry test: answers are sent as they are given and again until the server acknowledges them, the clock runs, and
// when time is up the result opens. Without this script the same form works with its buttons.
const form = /** @type {HTMLFormElement} */ (document.querySelector("form[data-save]"));
const words = form.dataset;
const sequenceField = /** @type {HTMLInputElement} */ (form.elements.namedItem("client_seq"));
const panel = document.querySelector(".connection");
const savedMark = /** @type {HTMLElement | null} */ (document.querySelector(".saved-mark"));
const faultPlace = /** @type {HTMLElement | null} */ (document.querySelector("#fault"));

const PAUSES_S = [1, 2, 4, 8, 15];
const PATIENCE_MS = 20_000;
const AFTER_TYPING_MS = 1500;
const CONFLICT = 409;

/** @typedef {"stored" | "refused" | "unreachable"} Outcome */

let changes = 0; // counts what the person did on this page
let acknowledged = 0; // the newest change that the server has
let sequence = Number(sequenceField.value); // of the newest content that was sent
let sent = /** @type {string | null} */ (null); // that content
let failures = 0;
let retry = 0;
let typing = 0;
let onward = ""; // where the server says to go on
let inFlight = /** @type {Promise<Outcome> | null} */ (null);

/** @param {string} state @param {string | undefined} text @param {string} [detail] */
function tell(state, text, detail = "") {
  if (!panel) return;
  panel.className = `connection connection-${state}`;
  const place = panel.querySelector("span");
  if (place) place.textContent = detail ? `${text} · ${detail}` : text ?? "";
  const picture = panel.querySelector("use");
  const name = { saved: "circle-check", saving: "loader-2", offline: "cloud-off" }[state] ?? "alert-circle";
  if (picture) picture.setAttribute("href", `${(picture.getAttribute("href") ?? "").split("#")[0]}#${name}`);
  if (savedMark) savedMark.hidden = state !== "saved";
}

/** @param {string} sentence */
function tellFault(sentence) {
  if (!faultPlace) return;
  faultPlace.hidden = !sentence;
  const place = faultPlace.querySelector("p");
  if (place) place.textContent = sentence;
}

/** Whether lines of an ordering item still wait for a place, so that the server would refuse it. */
function hasGap() {
  const places = /** @type {HTMLSelectElement[]} */ ([...form.querySelectorAll("select[name^='place.']")]);
  const taken = places.map((select) => Number(select.value)).filter(Boolean).sort((a, b) => a - b);
  return taken.some((place, index) => place !== index + 1);
}

/** The answer as it stands, without what changes at every page. */
function content() {
  const fields = [...new FormData(form)].filter(([name]) => name !== "csrf_token" && name !== "client_seq");
  return JSON.stringify(fields);
}

/** The answer with its number. New content gets a new one, a resend keeps its own: the server takes each once. */
function numbered() {
  const now = content();
  if (sent !== null && sent !== now) sequence += 1;
  sent = now;
  sequenceField.value = String(sequence);
  return new FormData(form);
}

/** What goes along with a button when the server has all: no answer, so that two windows do not contradict each other. */
function nothingNew() {
  const body = new FormData();
  body.set("csrf_token", String(new FormData(form).get("csrf_token")));
  body.set("unchanged", "1");
  return body;
}

/** @param {HTMLElement | null} button the button pressed, null for a save in between @returns {Promise<Outcome>} */
async function post(button) {
  const change = changes;
  const body = acknowledged < changes ? numbered() : nothingNew();
  if (button instanceof HTMLButtonElement && button.name) body.set(button.name, button.value);
  tell("saving", words.wordsSaving);
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body,
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (answer.status >= 500) return failed(words.wordsFailed);
    if (answer.redirected) return failed(words.wordsSignedOut);
    const told = await answer.json();
    onward = told.onward ?? "";
    if (answer.status === CONFLICT) acknowledged = change; // what is saved elsewhere stands: nothing waits here
    if (!answer.ok) return refused(told.error);
    succeeded(change, told);
    return "stored";
  } catch {
    return failed(words.wordsFailed);
  }
}

/** @param {number} change @param {{stored: number, items: number, last: string}} told */
function succeeded(change, told) {
  acknowledged = Math.max(acknowledged, change);
  failures = 0;
  tellFault("");
  if (acknowledged < changes) return;
  const text = (words.wordsSaved ?? "").replace("{stored}", `${told.stored}`).replace("{items}", `${told.items}`);
  tell("saved", text, told.last);
  const time = savedMark?.querySelector("span");
  if (time) time.textContent = (words.wordsItemSaved ?? "").replace("{time}", told.last);
}

/** @param {string} sentence @returns {Outcome} */
function refused(sentence) {
  tell("elsewhere", words.wordsRefused);
  tellFault(sentence);
  return "refused";
}

/** @param {string | undefined} sentence @returns {Outcome} */
function failed(sentence) {
  tell("offline", sentence);
  clearTimeout(retry);
  retry = setTimeout(() => deliver(), PAUSES_S[Math.min(failures, PAUSES_S.length - 1)] * 1000);
  failures += 1;
  return "unreachable";
}

/** One request in flight: what changed meanwhile goes with the next. @param {HTMLElement | null} [button] */
async function deliver(button = null) {
  clearTimeout(retry);
  while (inFlight) await inFlight;
  inFlight = post(button);
  const outcome = await inFlight;
  inFlight = null;
  if (outcome === "stored" && !button && acknowledged < changes) deliverWhole();
  return outcome;
}

/** Sends the answer when it can be read as a whole; until then the panel says what is missing. */
function deliverWhole() {
  clearTimeout(typing);
  if (acknowledged === changes) return;
  if (hasGap()) tell("saving", words.wordsGap);
  else if (!inFlight) deliver();
}

form.addEventListener("change", () => {
  changes += 1;
  deliverWhole();
});

form.addEventListener("input", (event) => {
  if (!(event.target instanceof HTMLInputElement) || event.target.type !== "text") return;
  changes += 1;
  tell("saving", words.wordsSaving);
  clearTimeout(typing);
  typing = setTimeout(deliverWhole, AFTER_TYPING_MS);
});

// A button saves first and leaves only when the server has the answer; without a connection the page stays.
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  clearTimeout(typing);
  const button = /** @type {SubmitEvent} */ (event).submitter;
  if (button?.getAttribute("name") === "clear") {
    empty();
    return;
  }
  const outcome = await deliver(button);
  if (outcome === "stored" || (outcome === "refused" && onward)) leave(onward);
});

function empty() {
  for (const field of form.querySelectorAll("input, select")) {
    if (field instanceof HTMLSelectElement || (field instanceof HTMLInputElement && field.type === "text")) field.value = "";
    else if (field instanceof HTMLInputElement && field.type !== "hidden") field.checked = false;
  }
  form.dispatchEvent(new Event("change"));
}

/** @param {string} address */
function leave(address) {
  acknowledged = changes;
  location.assign(address || location.href);
}

addEventListener("online", () => {
  failures = 0;
  if (acknowledged < changes && !inFlight) deliver();
});

// leaving by a link or by closing the window is asked about only while something is not stored
addEventListener("beforeunload", (event) => {
  if (acknowledged < changes) event.preventDefault();
});

// a page brought back from memory has old numbers: it is loaded anew
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

/** Time is up: what is here is sent, the test is handed in, the result opens. Without a connection the page waits. */
async function handIn() {
  if (acknowledged < changes && !hasGap()) await deliver();
  const body = nothingNew();
  for (let tries = 0; ; tries += 1) {
    try {
      await fetch(words.handIn ?? "", { method: "POST", body, redirect: "manual", signal: AbortSignal.timeout(PATIENCE_MS) });
      leave(words.result ?? "");
      return;
    } catch {
      clearTimeout(retry);
      tell("offline", words.wordsTimeUp);
      const pause = PAUSES_S[Math.min(tries, PAUSES_S.length - 1)] * 1000;
      await new Promise((resume) => setTimeout(resume, pause));
    }
  }
}

const timer = /** @type {HTMLElement | null} */ (document.querySelector(".timer"));
const value = timer?.querySelector(".timer-value");
const herald = document.querySelector("#time-left");
const SPOKEN_MINUTES = [10, 5, 1];
const SHORT_S = 300;

if (timer && value) {
  const [minutes, seconds] = (value.textContent ?? "0:0").split(":").map(Number);
  const end = performance.now() + (minutes * 60 + seconds) * 1000;
  const tick = () => {
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    const shown = `${String(Math.floor(left / 60)).padStart(2, "0")}:${String(left % 60).padStart(2, "0")}`;
    if (value.textContent !== shown) value.textContent = shown;
    timer.classList.toggle("is-short", left <= SHORT_S);
    const spoken = SPOKEN_MINUTES.find((minute) => left === minute * 60);
    if (herald && spoken) herald.textContent = (words.wordsMinutes ?? "").replace("{minutes}", String(spoken));
    if (left > 0) return;
    clearInterval(clock);
    handIn();
  };
  const clock = setInterval(tick, 500);
}
