/** Which notice and which cover the paper shows now. Decides only; `covers.js` draws. */

/** @typedef {import("../../outbox/outbox.js").Outbox} Outbox */
/** @typedef {import("./words.js").Words} Words */
/** @typedef {import("./covers.js").Cover} Cover */
/** @typedef {import("./covers.js").Notice} Notice */

/**
 * The lines under the head, the most pressing first.
 * @param {{outbox: Outbox, store: import("../../outbox/store.js").Store, words: Words, desk: import("./desk.js").Desk,
 *   told: {id: number, text: string, at: string}[], isCovered: boolean}} paper
 * @returns {Notice[]}
 */
export function noticesOf({ outbox, store, words, desk, told, isCovered }) {
  const isSitting = outbox.data.kind === "sitting";
  /** @type {Notice[]} */
  const found = [];
  if (outbox.isSignedOut) {
    const action = { text: words.text("sign_in"), press: () => void open("/sign-in", "_blank") };
    found.push({ id: "signed_out", picture: "alert-circle", look: "red", title: words.text("signed_out_title"), text: words.text("signed_out_text"), action });
  }
  if (!outbox.isReachable && !isCovered) {
    const positions = words.list(desk.positionsOf(outbox.pending));
    const text = positions ? words.text("offline_items", { positions }) : words.text("offline_nothing");
    const aside = words.text(isSitting ? "offline_sitting" : "offline_alone");
    found.push({ id: "offline", picture: "cloud-off", title: words.text("offline_title"), text, aside });
  }
  if (outbox.hasTrouble) found.push({ id: "trouble", picture: "alert-circle", title: words.text("trouble_title"), text: words.text("trouble") });
  if (!store.isLasting) {
    const aside = isSitting ? words.text("no_store_sitting") : "";
    found.push({ id: "no_store", picture: "alert-triangle", title: words.text("no_store_title"), text: words.text("no_store"), aside });
  }
  const aside = desk.positionsOf([...outbox.troubles].filter(([, why]) => ASIDE.has(why)).map(([item]) => item));
  if (aside.length) {
    const text = words.text("put_aside", { positions: words.list(aside) });
    found.push({ id: "put_aside", picture: "alert-circle", title: words.text("put_aside_title"), text });
  }
  for (const { id, text, at } of told.filter((notice) => !desk.hasRead(notice.id))) {
    const action = { text: words.text("dismiss"), press: () => desk.putAway(id) };
    const title = `${words.text("from_room")} ${words.clock(Date.parse(at), false)}`;
    found.push({ id: `room-${id}`, picture: "bell", look: "navy", title, text, action });
  }
  return found;
}

const ASIDE = new Set(["late", "conflict", "paused", "handed_in"]);

/**
 * What stands in place of the paper, null while it can be worked on.
 * @param {{outbox: Outbox, words: Words, isLocked: boolean, isOtherTab: boolean,
 *   takeOver: () => void, stayOn: () => void}} paper
 * @returns {Cover | null}
 */
export function coverOf({ outbox, words, isLocked, isOtherTab, takeOver, stayOn }) {
  const isSitting = outbox.data.kind === "sitting";
  if (outbox.isGone) return { picture: "user", title: words.text("not_yours_title"), lines: [words.text("not_yours_text")], actions: [home(words)] };
  if (outbox.state === "void" || outbox.state === "voided") {
    return { picture: "ban", title: words.text("void_title"), lines: [words.text("void")], actions: [home(words)] };
  }
  if (outbox.isOver) return closed(outbox, words);
  if (outbox.state === "elsewhere") {
    const where = words.text(isOtherTab ? "elsewhere_tab" : "elsewhere_computer");
    const lines = [where, words.text("taking_over"), isSitting && !isOtherTab ? words.text("elsewhere_sitting") : ""];
    const actions = [{ text: words.text("take_over"), kind: /** @type {const} */ ("gold"), press: takeOver }];
    return { picture: "copy", look: "is-red", title: words.text("elsewhere_title"), lines, actions };
  }
  if (outbox.state === "paused") return { picture: "player-pause", title: words.text("pause_title"), lines: [words.text("pause")] };
  if (isLocked) return timeUp(outbox, words);
  if (outbox.isHandingIn) {
    const line = words.text(outbox.isReachable ? "handing_online" : "handing_offline");
    return { picture: "upload", title: words.text("handing_title"), lines: [line], actions: [{ text: words.text("go_on"), press: stayOn }] };
  }
  if (outbox.state === "waiting" || outbox.state === "created") {
    return { picture: "hourglass", title: words.text("wait_title"), lines: [words.text("wait")] };
  }
  return null;
}

/** @param {Outbox} outbox @param {Words} words @returns {Cover} */
function timeUp(outbox, words) {
  const count = outbox.pending.size;
  const offline = count ? words.text("up_offline", { count }) : words.text("up_offline_clean");
  return { picture: "clock", title: words.text("up_title"), lines: [outbox.isReachable ? words.text("up") : offline] };
}

/** @param {Outbox} outbox @param {Words} words @returns {Cover} */
function closed(outbox, words) {
  const key = outbox.data.kind === "sitting" ? "see_receipt" : "see_result";
  const action = { text: words.text(key), kind: /** @type {const} */ ("gold"), href: outbox.data.urls.after };
  const lines = [words.text("handed", { stored: outbox.answered, items: outbox.data.items.length })];
  return { picture: "circle-check", look: "is-green", title: words.text("handed_title"), lines, actions: [action] };
}

/** @param {Words} words */
function home(words) {
  return { text: words.text("home"), href: "/" };
}
