/** How an observation stands: what the site says when asked, what the media process tells by itself. */

import { Changes } from "../streams/changes.js";
import { ask } from "../streams/site.js";

/** @typedef {"closed" | "open" | "on_air" | "held" | "ended"} State */
/** @typedef {{stream: string, name: string, live: boolean}} Stream */

const POLL_MS = 6000;
const HEARD_POLL_MS = 45_000;

export class Standing extends EventTarget {
  /** @type {State} */
  state;
  /** @type {string | null} */
  program = null;
  /** @type {Stream[]} */
  streams;
  isSignedOut = false;
  #url;
  #changes = new Changes();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** Tells of every "change". @param {string} url of the site's answer @param {{state: State, streams: {stream: string, name: string}[]}} known by the page */
  constructor(url, { state, streams }) {
    super();
    this.#url = url;
    this.state = state;
    this.streams = streams.map((one) => ({ live: false, ...one }));
    this.#changes.addEventListener("change", (event) => this.#hear(/** @type {CustomEvent} */ (event).detail));
  }

  /** Asks now and then, seldom while the media process tells by itself. */
  async watch() {
    clearTimeout(this.#timer);
    await this.ask();
    if (this.isSignedOut || this.state === "ended") return this.#changes.stop();
    const wait = this.#changes.isHeard ? HEARD_POLL_MS : POLL_MS;
    this.#timer = setTimeout(() => this.watch(), wait * (0.7 + Math.random() * 0.6));
  }

  async ask() {
    const outcome = await ask(this.#url);
    this.isSignedOut = outcome.kind === "signed_out";
    if (outcome.kind === "answer") {
      this.state = outcome.answer.state;
      this.program = outcome.answer.program;
      this.streams = outcome.answer.streams;
    }
    this.dispatchEvent(new Event("change"));
  }

  /** From now on the media process tells. @param {string} media @param {import("../streams/changes.js").Links} links */
  listen(media, links) {
    this.#changes.follow(media, links);
  }

  /** @param {import("../streams/changes.js").MediaState} told */
  #hear(told) {
    const isNews = told.state !== this.state;
    this.state = /** @type {State} */ (told.state);
    this.program = told.program;
    const paths = new Map(Object.entries(told.paths).map(([path, one]) => [path.split("/")[1], one.live]));
    this.streams = this.streams.map((one) => ({ ...one, live: paths.get(one.stream) ?? one.live }));
    this.dispatchEvent(new Event("change"));
    if (isNews) this.watch();
  }

  /** Whether pictures of this stream should be coming. @param {string} stream */
  isFlowing(stream) {
    const source = stream === "program" ? this.program : stream;
    return this.state === "on_air" && (this.streams.find((one) => one.stream === source)?.live ?? true);
  }
}
