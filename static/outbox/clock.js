/**
 * The server's time as this page reckons it: an offset to `performance.now()`, which no change of the computer's clock
 * moves. Every answer of the server sets it right.
 */
export class ServerClock {
  #server; // ms since 1970 at ...
  #local; // ... this performance.now()
  #doubt = Number.POSITIVE_INFINITY; // half of the round trip that gave it, in ms

  /** @param {string} serverNow @param {number} [local] when the server said so, in the terms of performance.now() */
  constructor(serverNow, local = performance.now()) {
    this.#server = Date.parse(serverNow);
    this.#local = local;
  }

  /** @returns {number} ms since 1970 */
  now() {
    return this.#server + performance.now() - this.#local;
  }

  /** @returns {string} */
  iso() {
    return new Date(this.now()).toISOString();
  }

  /**
   * The server said what time it was, somewhere between asking and hearing.
   * @param {string} serverNow @param {number} asked @param {number} heard both by performance.now()
   */
  observe(serverNow, asked, heard) {
    const server = Date.parse(serverNow);
    const doubt = (heard - asked) / 2;
    const middle = asked + doubt;
    const error = Math.abs(server - (this.#server + middle - this.#local));
    // a slower answer knows less, unless it shows that the computer slept meanwhile
    if (Number.isNaN(server) || (doubt > this.#doubt && error <= doubt + this.#doubt)) return;
    this.#server = server;
    this.#local = middle;
    this.#doubt = doubt;
  }
}

/** @param {number} seconds whole @returns {string} `27:48`, `1:30:00` */
export function digits(seconds) {
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}

/** When the server wrote the page that is shown, in the terms of performance.now(). */
export function pageWritten() {
  const [navigation] = performance.getEntriesByType("navigation");
  const timing = /** @type {PerformanceNavigationTiming | undefined} */ (navigation);
  return timing && timing.responseStart > 0 ? timing.responseStart : performance.now();
}
