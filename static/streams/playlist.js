/** Watches one stream by LL-HLS, as the ladder's second way. */

import { canPlay, play } from "./hls.js";
import { begin } from "./sound.js";

const PART_S = 0.5;
const BELIEVED_S = 3;

/** Since the picture was taken, where the clock of this computer is right; else since it was in the playlist. @param {ReturnType<typeof play>} handle */
function delayOf({ latency, taken }) {
  if (latency === null) return null;
  const since = taken === null ? 0 : (Date.now() - taken) / 1000;
  return since > latency && since < latency + BELIEVED_S ? since : latency + PART_S;
}

export class LivePlaylist {
  isSupported = canPlay();
  isConnected = true;
  isDead = false;
  isClosedByOther = false;
  #address;
  /** @type {HTMLVideoElement | null} */
  #video = null;
  /** @type {ReturnType<typeof play> | null} */
  #handle = null;

  /** @param {string} address */
  constructor(address) {
    this.#address = address;
  }

  /** @param {HTMLVideoElement} video */
  attach(video) {
    video.srcObject = null;
    this.#video = video;
    this.#handle = play(video, this.#address, { live: true });
    begin(video);
  }

  /** @returns {Promise<import("./whep.js").Sample>} */
  async sample() {
    const video = this.#video;
    return {
      frames: video?.getVideoPlaybackQuality().totalVideoFrames ?? 0,
      width: video?.videoWidth ?? 0,
      height: video?.videoHeight ?? 0,
      delayS: this.#handle ? delayOf(this.#handle) : null,
    };
  }

  close() {
    this.#handle?.stop();
  }
}
