/** The hall: one large picture, the program first, the other venues to choose. */

import { Ladder } from "../streams/ladder.js";
import { ask } from "../streams/site.js";
import { fillScreen, showCover, showLine, showMark } from "./cover.js";
import { byId, data, figure, sizeOf, text, write } from "./face.js";
import { Standing } from "./standing.js";
import { listen, showSound } from "./sound.js";
import { showStreams } from "./streams.js";

const video = /** @type {HTMLVideoElement} */ (byId("video"));
const standing = new Standing(data.urls.state, data);
const ladder = new Ladder({
  video,
  enter: (stream) => ask(data.urls.enter, { csrf: data.csrf, body: { stream } }),
  isExpected: (stream) => standing.isFlowing(stream),
});
let hasPlayed = false;
let isWatching = false;

/** @param {string} stream */
function choose(stream) {
  hasPlayed = false;
  isWatching = true;
  ladder.show(stream);
}

/** @returns {import("./cover.js").Cover | null} */
function coverOfStanding() {
  switch (standing.state) {
    case "closed":
    case "open":
      return { picture: "clock", title: text("before"), more: text("before_more") };
    case "held":
      return { picture: "eye-off", title: text("held"), more: text("held_more") };
    case "ended": {
      const action = data.urls.recording ? { text: text("to_recording"), href: data.urls.recording } : null;
      return { picture: "circle-check", title: text("ended"), more: text("ended_more"), action };
    }
    default:
      return null;
  }
}

/** @returns {import("./cover.js").Cover | null} */
function coverOfLadder() {
  switch (ladder.state) {
    case "elsewhere":
      return { picture: "device-desktop", title: text("elsewhere"), more: text("elsewhere_more"), action: { text: text("watch_here"), press: () => choose(ladder.stream) } };
    case "refused":
      return { picture: "lock", title: text("not_allowed"), more: ladder.message };
    case "no_player":
      return { picture: "alert-circle", title: text("no_player"), more: text("no_player_more") };
    case "waiting":
      return hasPlayed ? null : { picture: "video-off", title: text("waiting"), more: text("waiting_more") };
    case "playing":
      return null;
    case "lost":
      return hasPlayed ? null : { picture: "cloud-off", title: text("lost") };
    default:
      return hasPlayed ? null : { picture: "loader-2", title: text("connecting") };
  }
}

function cover() {
  if (standing.isSignedOut || ladder.state === "signed_out") {
    return { picture: "lock", title: text("signed_out"), more: text("signed_out_more"), action: { text: text("load_again"), press: () => location.reload() } };
  }
  return coverOfStanding() ?? coverOfLadder();
}

function line() {
  const keys = { still: "no_source", waiting: "no_source", again: "connecting_again", lost: "lost" };
  return hasPlayed ? text(keys[/** @type {keyof typeof keys} */ (ladder.state)] ?? "") : "";
}

/** @param {string} stream */
function nameOf(stream) {
  const name = (/** @type {string | null} */ wanted) => standing.streams.find((one) => one.stream === wanted)?.name ?? "";
  if (stream !== "program") return name(stream);
  return [text("program"), name(standing.program)].filter(Boolean).join(" · ");
}

function render() {
  hasPlayed ||= ladder.state === "playing";
  const shown = cover();
  showCover(shown);
  showLine(shown ? "" : line());
  const isPlaying = ladder.state === "playing" && !shown;
  const seconds = isPlaying && ladder.sample?.delayS != null ? figure(Math.ceil(ladder.sample.delayS * 10) / 10, 1) : null;
  write(byId("state"), text({ closed: "is_before", open: "is_before", on_air: "is_on_air", held: "is_held", ended: "is_ended" }[standing.state]));
  byId("state").dataset.state = standing.state;
  write(byId("shown"), nameOf(ladder.stream));
  write(byId("delay"), seconds === null ? "" : text("delay", { seconds }));
  write(byId("delay-fact"), seconds === null ? "–" : text("seconds", { seconds }));
  write(byId("way"), isPlaying && ladder.way ? text(ladder.way) : "–");
  write(byId("size"), isPlaying ? sizeOf(ladder.sample) : "–");
  byId("quick").hidden = !(isPlaying && ladder.way === "hls");
  showStreams({ streams: standing.streams, program: standing.program, shown: ladder.stream, isOnAir: { on_air: true, held: false }[/** @type {string} */ (standing.state)] }, choose);
}

/** Begins with the air, ends with the occasion; what changed may let a picture through. */
function follow() {
  if (standing.isSignedOut || standing.state === "ended") {
    isWatching = false;
    ladder.stop();
  } else if (!isWatching && standing.state === "on_air") choose(ladder.stream || "program");
  else if (ladder.state !== "playing") ladder.poke();
  render();
}

ladder.addEventListener("change", render);
ladder.addEventListener("grant", (event) => showMark(/** @type {CustomEvent} */ (event).detail.mark));
ladder.addEventListener("links", (event) => {
  const { grant, links } = /** @type {CustomEvent} */ (event).detail;
  standing.listen(grant.media, links);
});
standing.addEventListener("change", follow);
byId("quick").addEventListener("click", () => ladder.tryQuick());
listen(video);
fillScreen({ enter: text("full_screen"), leave: text("leave_full_screen") });
addEventListener("pagehide", () => ladder.stop());
addEventListener("pageshow", (event) => event.persisted && location.reload());
showSound(video);
showMark(data.mark);
render();
standing.watch();
