/** Leaving the window or the full screen: a fact that goes along, without any consequence here. */

/** @typedef {import("../../outbox/outbox.js").Outbox} Outbox */

const SHORTEST_MS = 1000; // less is a slip of the pointer, or a box of the browser itself

/** Whether the paper fills the screen, by its own button or by the browser's. */
export function isFullScreen() {
  return document.fullscreenElement !== null || matchMedia("(display-mode: fullscreen)").matches;
}

/** @param {Outbox} outbox */
export function watchAttention(outbox) {
  let left = 0;
  let leftAt = "";
  const leave = () => {
    if (left) return;
    left = performance.now();
    leftAt = outbox.clock.iso();
  };
  const comeBack = () => {
    const away = performance.now() - left;
    if (left && away >= SHORTEST_MS) {
      outbox.note("left_window", Math.round(away / 1000), leftAt);
      outbox.hurry();
    }
    left = 0;
  };
  addEventListener("blur", leave);
  addEventListener("focus", comeBack);
  document.addEventListener("visibilitychange", () => (document.hidden ? leave() : comeBack()));
  let wasFull = isFullScreen();
  const look = () => {
    if (wasFull && !isFullScreen()) {
      outbox.note("left_full_screen", null, outbox.clock.iso());
      outbox.hurry();
    }
    wasFull = isFullScreen();
  };
  document.addEventListener("fullscreenchange", look);
  matchMedia("(display-mode: fullscreen)").addEventListener("change", look);
}
