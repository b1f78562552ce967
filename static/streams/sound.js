/** Browsers may refuse to play sound before somebody has touched the page. */

/** Plays with sound, or where that is refused without it until the reader turns it on. @param {HTMLVideoElement} video */
export async function begin(video) {
  try {
    await video.play();
  } catch (fault) {
    if (!(fault instanceof DOMException) || fault.name !== "NotAllowedError" || video.muted) return;
    video.muted = true;
    video.play().catch(() => {});
  }
}
