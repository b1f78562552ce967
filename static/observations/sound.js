/** Sound of the picture: on and off, louder and softer. */

import { byId, setIcon, text, write } from "./face.js";

/** @param {HTMLVideoElement} video */
export function showSound(video) {
  const button = byId("sound");
  const isOn = !video.muted && video.volume > 0;
  const word = button.querySelector("span");
  setIcon(button, isOn ? "volume" : "volume-off");
  if (word) write(word, text(isOn ? "sound_off" : "sound_on"));
  button.classList.toggle("btn-gold", !isOn);
}

/** @param {HTMLVideoElement} video */
export function listen(video) {
  const volume = /** @type {HTMLInputElement} */ (byId("volume"));
  byId("sound").addEventListener("click", () => {
    video.muted = !(video.muted || video.volume === 0);
    if (!video.muted && video.volume === 0) video.volume = 1;
    if (!video.muted) video.play().catch(() => {});
  });
  volume.addEventListener("input", () => {
    video.volume = Number(volume.value) / 100;
    video.muted = false;
  });
  video.addEventListener("volumechange", () => {
    volume.value = String(Math.round(video.volume * 100));
    showSound(video);
  });
}
