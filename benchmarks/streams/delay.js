/** Shows the test picture by both ways and reads from it when each picture was made. */

import { enterMedia } from "/streams/changes.js";
import { LivePlaylist } from "/streams/playlist.js";
import { Watching } from "/streams/whep.js";

const BITS = 32;
const SIDE = 16;
const FIRST_COLUMN = 4;
const ROW = 21;
const MOST_MS = 60_000;

const video = /** @type {HTMLVideoElement} */ (document.querySelector("video"));
const canvas = new OffscreenCanvas(BITS, 1);
const pen = canvas.getContext("2d", { willReadFrequently: true });

/** How long ago the picture that is shown now was made, in ms; null when it tells nothing. */
function age() {
  const scale = video.videoWidth / 640;
  for (let bit = 0; bit < BITS; bit++) {
    const [x, y] = [(FIRST_COLUMN + bit) * SIDE + SIDE / 2, ROW * SIDE - 2];
    pen.drawImage(video, x * scale, y * scale, 1, 1, bit, 0, 1, 1);
  }
  const pixels = pen.getImageData(0, 0, BITS, 1).data;
  let stamp = 0;
  for (let bit = 0; bit < BITS; bit++) stamp = stamp * 2 + (pixels[4 * bit] > 128 ? 1 : 0);
  const found = (Date.now() - stamp) % 2 ** 32;
  return found >= 0 && found < MOST_MS ? found : null;
}

/** The next so many ages, one for each picture. @param {number} count */
function ages(count) {
  return new Promise((resolve) => {
    const found = [];
    const look = () => {
      found.push(age());
      if (found.length === count) resolve(found);
      else video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
  });
}

/**
 * Ms from the beginning to the first picture, and the ages of pictures from then on.
 * @param {"udp" | "hls"} way
 * @param {object} grant
 * @param {number} settleMs before ages are read
 * @param {number} count of pictures
 */
window.measure = async (way, grant, settleMs, count) => {
  const begun = performance.now();
  const player = way === "udp" ? new Watching(grant) : new LivePlaylist(grant.media + (await enterMedia(grant)).hls);
  if (way === "udp") await player.open();
  const shown = new Promise((resolve) => video.requestVideoFrameCallback(resolve));
  player.attach(video);
  video.play().catch(() => {});
  await shown;
  const firstMs = performance.now() - begun;
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  const found = await ages(count);
  const told = (await player.sample()).delayS;
  player.close();
  return { firstMs, ages: found, told };
};
window.isReady = true;
