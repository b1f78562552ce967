/** The paper of an attempt, put together: what is shown, what is given, what the server has. */

import { ServerClock, pageWritten } from "../outbox/clock.js";
import { deliver, deliverLeftovers } from "../outbox/leftovers.js";
import { Outbox } from "../outbox/outbox.js";
import { openStore } from "../outbox/store.js";
import { Tabs } from "../outbox/tabs.js";
import { isFullScreen, watchAttention } from "./paper/attention.js";
import { Covers, HandInDialog, Notices } from "./paper/covers.js";
import { Desk } from "./paper/desk.js";
import { Clock, Panel, say } from "./paper/head.js";
import { listenToKeys } from "./paper/keys.js";
import { coverOf, noticesOf } from "./paper/states.js";
import { Words, loadPictures } from "./paper/words.js";

const TICK_MS = 250;

/** @param {string} id */
const json = (id) => JSON.parse(document.getElementById(id)?.textContent ?? "null");

const data = /** @type {import("../outbox/outbox.js").PaperData} */ (json("paper-data"));
const clock = new ServerClock(data.server_now, pageWritten());
const words = new Words(json("paper-words"), data.language);
const store = await openStore();
const tabs = new Tabs(data.attempt, await store.profile());
const outbox = new Outbox(data, store, clock, () => tabs.device, () => desk.report(isFullScreen()));
const desk = new Desk(data, store, words, outbox);
const face = new Clock(words);
const panel = new Panel(words, outbox);
const covers = new Covers();
const notices = new Notices();
const dialog = new HandInDialog(words);

/** @type {{id: number, text: string, at: string}[]} */
const told = [];
let isOtherTab = false; // the paper is open in another window of this browser
let isLeaving = false;

const deadline = () => (outbox.deadline ? Date.parse(outbox.deadline) : null);
const isLocked = () => deadline() !== null && clock.now() >= (deadline() ?? 0) && outbox.state !== "paused";

function render() {
  desk.render();
  face.render(clock.now(), deadline(), outbox.state === "paused");
  panel.render(isLocked());
  covers.show(coverOf({ outbox, words, isLocked: isLocked(), isOtherTab, takeOver, stayOn }));
  notices.show(noticesOf({ outbox, store, words, told, desk, isCovered: covers.isShown }));
  const handIn = /** @type {HTMLButtonElement} */ (document.querySelector("#hand-in"));
  handIn.disabled = covers.isShown;
}

/** The clock runs; at its end the paper locks and hands itself in. */
function tick() {
  face.render(clock.now(), deadline(), outbox.state === "paused");
  if (!isLocked() || outbox.isOver || !outbox.mayMove || outbox.isHandingIn) return;
  dialog.close();
  outbox.handIn();
  render();
}

function askHandIn() {
  const opens = data.minutes_before_hand_in && data.started_at
    ? Date.parse(data.started_at) + data.minutes_before_hand_in * 60_000
    : 0;
  desk.settle();
  dialog.ask(
    { ...desk.openItems(), unsent: outbox.pending.size, items: data.items.length, opensAt: clock.now() < opens ? words.clock(opens, false) : null },
    { go: (position) => desk.go(position), handIn: () => desk.handIn() },
  );
}

async function takeOver() {
  if (!(await outbox.takeOver())) return;
  tabs.tellTaken();
  isLeaving = true;
  location.reload(); // the page comes back with everything that the server has
}

/** The wish to hand in is taken back while it waits for the connection. */
function stayOn() {
  desk.stayOn();
}

/** The paper is closed: on to the receipt or the result, unless there is something to read first. */
function leave() {
  render();
  if (outbox.troubles.size || outbox.state === "void" || outbox.state === "voided") return;
  isLeaving = true;
  const next = data.urls.after;
  location.assign(words.language === data.language ? next : `/language/${words.language}?next=${encodeURIComponent(next)}`);
}

async function begin() {
  await loadPictures();
  await outbox.load();
  await desk.load();
  words.show(words.language);
  render();
  const others = await tabs.others();
  const holderTab = data.holder?.split("/")[1] ?? "";
  const isMine = data.holder === null || data.holder === tabs.device;
  const isOfThisBrowser = tabs.isOfThisBrowser(data.holder);
  isOtherTab = isOfThisBrowser && others.has(holderTab);
  if (isMine || (isOfThisBrowser && !isOtherTab)) {
    outbox.note("opened", null, clock.iso());
    outbox.start({ takeOver: !isMine });
    desk.goOnHandingIn();
  } else {
    outbox.state = "elsewhere";
    outbox.listen();
  }
  watchAttention(outbox);
  setInterval(tick, TICK_MS);
  render();
  deliverLeftovers(store, (paper) => paper.attempt !== data.attempt);
}

outbox.addEventListener("change", render);
outbox.addEventListener("over", leave);
outbox.addEventListener("gone", async () => {
  // somebody else signed in: what is kept goes to the server by the paper's own token
  outbox.stop();
  const paper = await store.paper(data.attempt);
  if (paper) await deliver(store, paper);
  render();
});
outbox.addEventListener("answer", (event) => {
  const reply = /** @type {CustomEvent<import("../outbox/wire.js").Reply>} */ (event).detail;
  for (const notice of reply.notices) {
    if (told.some((known) => known.id === notice.id) || desk.hasRead(notice.id)) continue;
    told.push(notice);
    say(`${words.text("from_room")}: ${notice.text}`);
  }
  desk.heard(reply);
});
tabs.addEventListener("taken", () => {
  isOtherTab = true;
  outbox.yieldToAnother();
});
store.addEventListener("refused", render);
desk.addEventListener("change", render);
document.querySelector("#hand-in")?.addEventListener("click", askHandIn);
document.querySelector("#next .to-hand-in")?.parentElement?.addEventListener("click", () => (desk.isLast ? askHandIn() : desk.go(desk.position + 1)));
listenToKeys(
  {
    choose: (index) => desk.choose(index),
    flag: () => desk.flag(),
    next: () => desk.go(desk.position + 1),
    previous: () => desk.go(desk.position - 1),
  },
  () => !covers.isShown && !dialog.isOpen,
);
addEventListener("visibilitychange", () => document.hidden && desk.settle());
addEventListener("pagehide", () => desk.settle());
addEventListener("pageshow", (event) => event.persisted && location.reload());
addEventListener("beforeunload", (event) => {
  if (!store.isLasting && outbox.unsent.length && !isLeaving) event.preventDefault();
});
navigator.serviceWorker?.register("/paper-worker.js").catch(() => {
  outbox.isSecure = false; // a certificate that this computer does not trust
});
await begin();
