/** A recording: seeking and speed, with the name of who watches over the picture. */

import { enterMedia } from "../streams/changes.js";
import { play } from "../streams/hls.js";
import { ask } from "../streams/site.js";
import { fillScreen, showCover, showMark } from "./cover.js";
import { byId, clock, data, text, write } from "./face.js";
import { showStreams } from "./streams.js";

const MOST_BREAKS = 3;

const video = /** @type {HTMLVideoElement} */ (byId("video"));
const speed = /** @type {HTMLSelectElement} */ (byId("speed"));
/** @type {ReturnType<typeof play> | null} */
let playing = null;
let breaks = 0; // since a picture was there
let shown = data.streams[0]?.stream ?? "program";

/** Where to find it, or what stands in its place. @param {string} stream @returns {Promise<string | import("./cover.js").Cover>} */
async function addressOf(stream) {
  const outcome = await ask(data.urls.enter, { csrf: data.csrf, body: { stream } });
  const again = { text: text("load_again"), press: () => location.reload() };
  if (outcome.kind === "signed_out") return { picture: "lock", title: text("signed_out"), more: text("signed_out_more"), action: again };
  if (outcome.kind === "refused") return { picture: "lock", title: text("not_allowed"), more: outcome.message };
  if (outcome.kind === "unreachable") return { picture: "cloud-off", title: text("lost"), action: again };
  showMark(outcome.answer.mark);
  const links = await enterMedia(outcome.answer);
  return links ? outcome.answer.media + links.recording : { picture: "cloud-off", title: text("lost"), action: again };
}

/** @param {string} stream */
async function show(stream) {
  shown = stream;
  const at = video.currentTime;
  render();
  showCover({ picture: "loader-2", title: text("connecting") });
  playing?.stop();
  const address = await addressOf(stream);
  if (shown !== stream) return;
  if (typeof address !== "string") return showCover(address);
  breaks = 0;
  playing = play(video, address, { recording: true });
  playing.onbreak = breakOff;
  video.addEventListener("loadedmetadata", () => (video.currentTime = at), { once: true });
  video.playbackRate = Number(speed.value);
}

/** What breaks off again and again is not there, or its address holds no more: that is asked for anew. */
function breakOff() {
  breaks += 1;
  if (breaks < MOST_BREAKS) return;
  if (video.readyState > 0) return show(shown);
  playing?.stop();
  showCover({ picture: "video-off", title: text("no_recording"), more: text("no_recording_more") });
}

function render() {
  const streams = data.streams.map((/** @type {{stream: string, name: string}} */ one) => ({ live: true, ...one }));
  showStreams({ streams, shown }, show);
  write(byId("shown"), streams.find((/** @type {{stream: string}} */ one) => one.stream === shown)?.name || text("program"));
}

video.addEventListener("loadeddata", () => showCover(null));
video.addEventListener("timeupdate", () => {
  breaks = 0;
  const at = playing?.taken;
  write(byId("moment"), at ? text("recorded_at", { time: clock(at) }) : "");
});
byId("back").addEventListener("click", () => (video.currentTime = Math.max(0, video.currentTime - 10)));
speed.addEventListener("change", () => (video.playbackRate = Number(speed.value)));
fillScreen({ enter: text("full_screen"), leave: text("leave_full_screen") });
showMark(data.mark);
render();
show(shown);
