/** Plays a stream or a recording by HLS: with hls.js, or by the browser itself where it has no Media Source Extensions. */

import Hls from "../vendor/hls/hls.light.min.mjs";

const BEHIND_S = 1.5;
const TOO_FAR_BEHIND_S = 6;
const CATCH_UP_RATE = 1.08;
const AGAIN_MS = [250, 500, 1000, 2000, 4000];

/** Errors of the network are tried again for as long as the page plays: a restart of the server takes a moment. */
const PATIENT = {
  default: {
    maxTimeToFirstByteMs: 10_000,
    maxLoadTimeMs: 20_000,
    timeoutRetry: { maxNumRetry: 1000, retryDelayMs: 0, maxRetryDelayMs: 0 },
    errorRetry: { maxNumRetry: 1000, retryDelayMs: 500, maxRetryDelayMs: 1000 },
  },
};
/** A part that is there no more is not worth waiting for. */
const BRIEF = {
  default: {
    maxTimeToFirstByteMs: 8000,
    maxLoadTimeMs: 20_000,
    timeoutRetry: { maxNumRetry: 2, retryDelayMs: 0, maxRetryDelayMs: 0 },
    errorRetry: { maxNumRetry: 3, retryDelayMs: 300, maxRetryDelayMs: 1000 },
  },
};

const COMMON = {
  enableWorker: false, // there is nothing to repackage, so that a thread would only copy
  playlistLoadPolicy: PATIENT,
  fragLoadPolicy: BRIEF,
  xhrSetup: (/** @type {XMLHttpRequest} */ request) => {
    request.withCredentials = true; // addresses hold for who brings the cookie
  },
};
const LIVE = {
  ...COMMON,
  lowLatencyMode: true,
  liveSyncDuration: BEHIND_S,
  liveMaxLatencyDuration: TOO_FAR_BEHIND_S,
  maxLiveSyncPlaybackRate: CATCH_UP_RATE,
  backBufferLength: 20,
};
const RECORDING = { ...COMMON, lowLatencyMode: false, backBufferLength: 60, maxBufferLength: 30 };

/**
 * Whether this browser can play HLS at all.
 * @returns {boolean}
 */
export function canPlay() {
  return Hls.isSupported() || document.createElement("video").canPlayType("application/vnd.apple.mpegurl") !== "";
}

/**
 * Plays `url` in `video`, and begins again by itself when it breaks off. Whoever calls starts and pauses the element.
 * @param {HTMLVideoElement} video
 * @param {string} url of live.m3u8 or recording.m3u8
 * @param {{live?: boolean, recording?: boolean}} kind
 * @returns {Playing}
 */
export function play(video, url, { live = false } = {}) {
  return new Playing(video, url, live);
}

export class Playing {
  /** Called with each frame that is shown. @type {(() => void) | null} */
  onframe = null;
  /** Called when it has broken off and is begun again. @type {((reason: string) => void) | null} */
  onbreak = null;
  #video;
  #url;
  #live;
  /** @type {Hls | null} */
  #hls = null;
  #breaks = 0;
  #isStopped = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {number | undefined} */
  #frame;

  /** @param {HTMLVideoElement} video @param {string} url @param {boolean} live */
  constructor(video, url, live) {
    this.#video = video;
    this.#url = url;
    this.#live = live;
    this.#begin(-1);
    this.#watch();
  }

  /** How many seconds the picture is behind what happens; null while that is not known. @returns {number | null} */
  get latency() {
    const seconds = this.#hls?.latency ?? 0;
    return this.#live && seconds > 0 ? seconds : null;
  }

  /** When the picture was taken, in ms since 1970; null while that is not known. @returns {number | null} */
  get taken() {
    return this.#hls?.playingDate?.getTime() ?? null;
  }

  /** Plays no more, and lets the element go. */
  stop() {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    if (this.#frame !== undefined) this.#video.cancelVideoFrameCallback(this.#frame);
    if (this.#hls) this.#hls.destroy();
    else this.#video.removeAttribute("src");
    this.#hls = null;
  }

  /** @param {number} from seconds; -1: where it is best */
  #begin(from) {
    if (!Hls.isSupported()) {
      this.#video.crossOrigin = "use-credentials";
      this.#video.src = this.#url;
      return;
    }
    const hls = new Hls({ ...(this.#live ? LIVE : RECORDING), startPosition: from });
    hls.on(Hls.Events.ERROR, (_event, { fatal, details }) => {
      if (fatal && hls === this.#hls) this.#again(details);
    });
    let hasBegun = false;
    hls.on(Hls.Events.FRAG_BUFFERED, () => {
      hasBegun = true;
      this.#breaks = 0;
    });
    // numbers that jump, as after a restart of the server, move the time of the player far away from what is to come
    hls.on(Hls.Events.LEVEL_UPDATED, (_event, { details }) => {
      const isLeftBehind = details.fragments[0].start - this.#video.currentTime > TOO_FAR_BEHIND_S;
      if (this.#live && hasBegun && isLeftBehind && hls === this.#hls) this.#again("moved");
    });
    this.#hls = hls;
    hls.loadSource(this.#url);
    hls.attachMedia(this.#video);
  }

  /** @param {string} reason */
  #again(reason) {
    const at = this.#live ? -1 : this.#video.currentTime;
    const wasPlaying = !this.#video.paused;
    this.#hls?.destroy();
    this.#hls = null;
    this.onbreak?.(reason);
    const waitMs = AGAIN_MS[Math.min(this.#breaks, AGAIN_MS.length - 1)];
    this.#breaks += 1;
    this.#timer = setTimeout(() => {
      if (this.#isStopped) return;
      this.#begin(at);
      if (wasPlaying) this.#video.play().catch(() => undefined);
    }, waitMs);
  }

  #watch() {
    if (!("requestVideoFrameCallback" in this.#video)) return;
    const seen = () => {
      if (this.#isStopped) return;
      this.onframe?.();
      this.#frame = this.#video.requestVideoFrameCallback(seen);
    };
    this.#frame = this.#video.requestVideoFrameCallback(seen);
  }
}
