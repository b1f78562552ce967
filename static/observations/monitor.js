/** One venue in the studio: its picture as it comes, level and state, the button that makes it the program. */

import { Ladder } from "../streams/ladder.js";
import { element, icon, mark, renew, setIcon, text, write } from "./face.js";
import { onScale } from "./level.js";

/** @typedef {import("./studio.js").Told} Told */
/** @typedef {import("./studio.js").VenueTold} VenueTold */

export class Monitor extends EventTarget {
  element;
  stream;
  name;
  #key;
  #venue;
  #ladder;
  #isWatching = false;
  #video = /** @type {HTMLVideoElement} */ (element("video", { playsinline: "", muted: "", disablepictureinpicture: "" }));
  #cover = element("p", { class: "monitor-cover" });
  #state = element("p", { class: "monitor-state" });
  #level = /** @type {HTMLMeterElement} */ (element("meter", { min: "0", max: "100", low: "3", high: "92", optimum: "50", "aria-label": text("level") }));
  #sound = element("button", { class: "btn btn-row", type: "button" }, icon("volume-off"), element("span"));
  #program = element("button", { class: "btn btn-row", type: "button" }, element("span"));

  /**
   * @param {VenueTold} venue @param {number} key which of the keyboard chooses it
   * @param {{enter: (stream: string) => Promise<import("../streams/site.js").Outcome>, choose: (stream: string) => void, listen: (monitor: Monitor) => void}} acts
   */
  constructor(venue, key, { enter, choose, listen }) {
    super();
    this.stream = venue.stream;
    this.name = venue.name;
    this.#venue = venue;
    this.#key = key;
    this.#video.muted = true;
    this.#ladder = new Ladder({ video: this.#video, enter, isExpected: () => this.#venue.live, ways: ["udp"] });
    this.#ladder.addEventListener("change", () => this.#heard());
    this.#sound.addEventListener("click", () => listen(this));
    this.#program.addEventListener("click", () => choose(this.stream));
    this.#program.append(element("kbd", { class: "key", "aria-hidden": "true" }, String(key)));
    const picture = element("div", { class: "picture" }, this.#video, element("p", { class: "picture-tags" }, element("b", {}, String(key)), element("span", {}, this.name)), this.#cover);
    const foot = element("div", { class: "monitor-foot" }, this.#sound, this.#program);
    this.element = element("li", { class: "monitor" }, picture, element("div", { class: "monitor-line" }, this.#level, this.#state), foot);
    this.#video.setAttribute("aria-label", this.name);
  }

  /** What it sends, when something comes. */
  get picture() {
    return this.#ladder.state === "playing" ? /** @type {MediaStream | null} */ (this.#video.srcObject) : null;
  }

  get isMuted() {
    return this.#video.muted;
  }

  /** @param {boolean} isMuted */
  setMuted(isMuted) {
    this.#video.muted = isMuted;
    this.dispatchEvent(new Event("change"));
  }

  /** Watches while venues may send. @param {VenueTold} venue @param {string} state */
  hear(venue, state) {
    const came = venue.live && !this.#venue.live;
    this.#venue = venue;
    const isOpen = state !== "closed" && state !== "ended";
    if (!isOpen) this.stop();
    else if (venue.live && !this.#isWatching) this.#ladder.show(this.stream);
    else if (came) this.#ladder.poke();
    this.#isWatching = isOpen && (this.#isWatching || venue.live);
  }

  stop() {
    this.#ladder.stop();
  }

  /** Level and picture change often; the page as a whole only when a picture came or went. */
  #heard() {
    const level = Math.round(onScale(this.#ladder.sample?.level ?? 0));
    if (this.#level.value !== level) this.#level.value = level;
    const shown = String(this.#ladder.state === "playing");
    if (this.element.dataset.playing === shown) return;
    this.element.dataset.playing = shown;
    this.dispatchEvent(new Event("change"));
  }

  /** @param {Told} told */
  render(told) {
    const venue = this.#venue;
    const isProgram = told.program === this.stream;
    const isPlaying = this.#ladder.state === "playing";
    this.element.dataset.program = String(isProgram);
    write(this.#cover, isPlaying ? "" : text(venue.live ? "waiting" : "away"));
    this.#cover.hidden = isPlaying;
    renew(this.#state, [venue.live, venue.warnings.length, venue.consented, venue.recorded], () => [stateOf(venue)]);
    const [sound, word] = [this.#sound.querySelector("span"), this.#program.querySelector("span")];
    if (sound) write(sound, text(this.isMuted ? "listen" : "mute"));
    setIcon(this.#sound, this.isMuted ? "volume-off" : "volume");
    this.#sound.setAttribute("aria-label", `${text(this.isMuted ? "listen" : "mute")}: ${this.name}`);
    if (word) write(word, text(!isProgram ? "to_program" : told.state === "on_air" ? "on_program" : "program_next"));
    this.#program.setAttribute("aria-label", `${word?.textContent}: ${this.name}`);
    this.#program.setAttribute("aria-pressed", String(isProgram));
    this.#program.toggleAttribute("disabled", told.state === "closed" || told.state === "ended" || !venue.consented);
  }
}

/** @param {VenueTold} venue */
function stateOf(venue) {
  if (!venue.consented) return mark("attention", text("no_consent"));
  if (!venue.live) return mark("waiting", text("away"));
  if (venue.warnings.length) return mark("attention", text("weak"));
  const made = mark("good", text("good"));
  if (!venue.recorded) made.append(` · ${text("not_recorded")}`);
  return made;
}
