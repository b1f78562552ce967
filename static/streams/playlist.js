/** Watches one stream by LL-HLS, as the ladder's second way. */

import { canPlay, play } from "./hls.js";
import { begin } from "./sound.js";

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
      delayS: this.#handle?.latency ?? null,
    };
  }

  close() {
    this.#handle?.stop();
  }
}
