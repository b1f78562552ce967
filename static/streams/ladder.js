/** Shows a stream by the quickest way that the network lets through, and comes back by itself: it watches frames, not states. */

import { enterMedia } from "./changes.js";
import { rememberWay, rememberedWay } from "./memory.js";
import { Refused, isUp, patience, pause } from "./session.js";
import { Watching } from "./whep.js";

/** @typedef {import("./session.js").Grant} Grant */
/** @typedef {import("./site.js").Outcome} Outcome */
/** @typedef {import("./whep.js").Sample} Sample */
/** @typedef {import("./memory.js").Way} Way */
/**
 * @typedef {{attach: (video: HTMLVideoElement) => void, sample: () => Promise<Sample>, close: () => void, isConnected: boolean, isDead: boolean, isClosedByOther: boolean}} Player
 * @typedef {"connecting" | "playing" | "still" | "again" | "waiting" | "refused" | "lost" | "elsewhere" | "signed_out" | "no_player"} State
 * still: connected, but no frame comes. again: it is being connected anew. waiting: nobody publishes. elsewhere: the same
 * person watches in another place.
 */

const LOOK_MS = 250;
const FIRST_FRAME_MS = 4000;
const STALL_MS = { udp: 3000, hls: 7000 };
const WAIT_MS = 5000; // a page that hears of changes does not wait so long
const REFUSED_MS = 5000;
const FINAL = new Set(["elsewhere", "signed_out", "no_player"]);

export class Ladder extends EventTarget {
  /** @type {State} */
  state = "connecting";
  message = "";
  stream = "";
  /** @type {Way | null} */
  way = null;
  /** @type {Sample | null} */
  sample = null;
  #video;
  #enter;
  #isExpected;
  #ways;
  #abort = new AbortController();
  #poke = new AbortController();
  /** @type {Map<string, Grant>} */
  #grants = new Map();

  /**
   * Tells of every "change", of a "grant" that it was given and of the "links" that came for it.
   * @param {object} options
   * @param {HTMLVideoElement} options.video
   * @param {(stream: string) => Promise<Outcome>} options.enter asks the site for a token
   * @param {(stream: string) => boolean} [options.isExpected] whether frames should be coming, as far as the page knows
   * @param {readonly Way[]} [options.ways]
   */
  constructor({ video, enter, isExpected = () => true, ways = ["udp", "hls"] }) {
    super();
    this.#video = video;
    this.#enter = enter;
    this.#isExpected = isExpected;
    this.#ways = ways;
  }

  /** Shows this stream in place of the one before. @param {string} stream */
  show(stream) {
    this.stop();
    this.stream = stream;
    this.#abort = new AbortController();
    this.#tell("connecting");
    this.#follow(this.#abort.signal);
  }

  stop() {
    this.#abort.abort();
  }

  /** Something changed: what was waited for may be there. */
  poke() {
    this.#poke.abort();
  }

  /** Tries the quick way again, on this network too. */
  tryQuick() {
    const grant = this.#grants.get(this.stream);
    rememberWay(grant?.network, "udp");
    this.show(this.stream);
  }

  /** @param {State} state */
  #tell(state) {
    this.state = state;
    if (state !== "playing" && state !== "still") this.sample = null;
    this.dispatchEvent(new Event("change"));
  }

  /** @param {AbortSignal} signal */
  async #follow(signal) {
    let failures = 0;
    let hasPlayed = false;
    while (!signal.aborted) {
      this.#poke = new AbortController();
      const [outcome, waitMs] = await this.#once(signal);
      if (signal.aborted) return;
      failures = outcome === "again" ? 0 : failures + 1;
      hasPlayed ||= outcome === "again";
      this.#tell(outcome === "lost" && failures < 2 && hasPlayed ? "again" : outcome);
      if (FINAL.has(outcome)) return;
      await pause(waitMs ?? patience(failures), signal, this.#poke.signal);
    }
  }

  /** One try: what came of it, and after what time the next is worth it. @param {AbortSignal} signal @returns {Promise<[State, number?]>} */
  async #once(signal) {
    const grant = await this.#grant();
    if (typeof grant === "string") return [grant, grant === "refused" ? REFUSED_MS : undefined];
    const links = await enterMedia(grant);
    if (signal.aborted) return ["lost"];
    if (!links) return ["lost"];
    this.dispatchEvent(new CustomEvent("links", { detail: { grant, links } }));
    const isQuick = this.#ways.length === 1 || rememberedWay(grant.network) === "udp";
    const outcome = isQuick ? await this.#byUdp(grant, signal) : null;
    if (outcome || signal.aborted) return outcome ?? ["lost"];
    return this.#ways.includes("hls") ? this.#byHls(grant.media + links.hls, signal) : ["lost"];
  }

  /** A token from the site, or while the site is away the one from before as long as it holds. @returns {Promise<Grant | "refused" | "signed_out" | "lost">} */
  async #grant() {
    const stream = this.stream;
    const outcome = await this.#enter(stream);
    if (outcome.kind === "answer") {
      this.#grants.set(stream, outcome.answer);
      this.dispatchEvent(new CustomEvent("grant", { detail: outcome.answer }));
      return outcome.answer;
    }
    if (outcome.kind === "signed_out") return "signed_out";
    const kept = this.#grants.get(stream);
    if (outcome.kind === "unreachable") return kept && Date.parse(kept.expires_at) > Date.now() ? kept : "lost";
    this.message = outcome.message;
    return "refused";
  }

  /** Null: this way is closed here, go by the next. @param {Grant} grant @param {AbortSignal} signal @returns {Promise<[State, number?] | null>} */
  async #byUdp(grant, signal) {
    const watching = new Watching(grant);
    try {
      await watching.open();
      if (signal.aborted) return ["lost"];
      const outcome = await this.#attend(watching, "udp", signal);
      if (outcome === "silent") {
        if (!watching.isConnected && this.#ways.length > 1) rememberWay(grant.network, "hls");
        return null;
      }
      if (outcome === "closed") return [(await isUp(grant.media)) ? "elsewhere" : "again"];
      return [outcome];
    } catch (fault) {
      if (!(fault instanceof Refused)) return ["lost"];
      if (fault.status === 503) return null;
      return fault.status === 409 ? ["waiting", WAIT_MS] : ["lost"];
    } finally {
      watching.close();
    }
  }

  /** @param {string} playlist @param {AbortSignal} signal @returns {Promise<[State, number?]>} */
  async #byHls(playlist, signal) {
    const { LivePlaylist } = await import("./playlist.js");
    const playing = new LivePlaylist(playlist);
    if (!playing.isSupported) return ["no_player"];
    try {
      const outcome = await this.#attend(playing, "hls", signal);
      return outcome === "silent" ? ["waiting", WAIT_MS] : ["again"];
    } finally {
      playing.close();
    }
  }

  /** Shows what comes until it stops. @param {Player} player @param {Way} way @param {AbortSignal} signal @returns {Promise<"again" | "silent" | "closed">} */
  async #attend(player, way, signal) {
    let [frames, at] = [0, performance.now()];
    let isShown = false;
    while (!signal.aborted) {
      await pause(frames ? LOOK_MS : LOOK_MS / 5, signal);
      if (signal.aborted) break;
      if (!isShown && player.isConnected) player.attach(this.#video); // till then the last picture stays
      isShown ||= player.isConnected;
      const now = performance.now();
      const sample = await player.sample();
      if (player.isClosedByOther) return "closed";
      if (sample.frames > frames) {
        [frames, at] = [sample.frames, now];
        this.way = way;
        this.sample = sample;
        this.#tell("playing");
      }
      const isLate = now - at > (frames ? STALL_MS[way] : way === "udp" ? FIRST_FRAME_MS : STALL_MS.hls);
      if (player.isDead && frames) return "again";
      if (!isLate || (way === "hls" && document.hidden)) continue;
      if (!frames && (!player.isConnected || this.#isExpected(this.stream))) return "silent";
      if (this.#isExpected(this.stream)) return "again";
      this.#tell("still");
    }
    return "again";
  }
}
