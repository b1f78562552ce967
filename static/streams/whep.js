/** Watches one stream by WHEP. */

import { Pulse, end, isClosedByOther, offer } from "./session.js";
import { begin } from "./sound.js";

/** @typedef {import("./session.js").Grant} Grant */
/**
 * @typedef {object} Sample how it is going
 * @property {number} frames shown since it began
 * @property {number} width
 * @property {number} height
 * @property {number | null} delayS
 * @property {number} [level] of the sound, 0 to 1
 * @property {number} [sounds] packets of it since it began
 */

/** What captureTime says can be wrong when a clock is; a delay beyond this is not believed. */
const MOST_DELAY_S = 10;

export class Watching {
  stream = new MediaStream();
  #grant;
  #connection;
  #pulse = new Pulse();
  #session = "";
  /** @type {number | null} */
  #captured = null;
  #buffer = { delay: 0, emitted: 0 };
  #isOver = false;

  /** @param {Grant} grant @param {("video" | "audio")[]} [kinds] what is taken */
  constructor(grant, kinds = ["video", "audio"]) {
    this.#grant = grant;
    this.#connection = new RTCPeerConnection({ iceServers: grant.ice_servers ?? [], bundlePolicy: "max-bundle" });
    for (const kind of kinds) this.#connection.addTransceiver(kind, { direction: "recvonly" });
    this.#connection.addEventListener("track", (event) => this.stream.addTrack(event.track));
  }

  /** Asks for the stream. Raises as `offer` does. */
  async open() {
    const session = await offer(this.#connection, `${this.#grant.media}/whep/${this.#grant.path}`, this.#grant.token);
    this.#session = session;
    if (this.#isOver) this.#end();
  }

  /** Shows it, and notes when each picture was taken. @param {HTMLVideoElement} video */
  attach(video) {
    video.srcObject = this.stream;
    begin(video);
    const note = (/** @type {number} */ now, /** @type {VideoFrameCallbackMetadata} */ frame) => {
      if (this.#isOver || video.srcObject !== this.stream) return;
      if (frame.captureTime) this.#captured = (frame.expectedDisplayTime - frame.captureTime) / 1000;
      video.requestVideoFrameCallback(note);
    };
    if ("requestVideoFrameCallback" in video) video.requestVideoFrameCallback(note);
  }

  get isConnected() {
    return this.#connection.connectionState === "connected";
  }

  /** Whether nothing comes any more. */
  get isDead() {
    return ["failed", "closed"].includes(this.#connection.connectionState) || (this.isConnected && this.#pulse.isLost);
  }

  get isClosedByOther() {
    return isClosedByOther(this.#connection);
  }

  /** @returns {Promise<Sample>} */
  async sample() {
    const report = await this.#connection.getStats();
    this.#pulse.observe(report);
    const all = [...report.values()];
    const inbound = (/** @type {string} */ kind) => all.find((one) => one.type === "inbound-rtp" && one.kind === kind);
    const video = inbound("video");
    const pair = all.find((one) => one.type === "candidate-pair" && one.nominated);
    return {
      frames: video?.framesDecoded ?? 0,
      width: video?.frameWidth ?? 0,
      height: video?.frameHeight ?? 0,
      delayS: this.#delay(video, pair?.currentRoundTripTime ?? 0),
      level: inbound("audio")?.audioLevel ?? 0,
      sounds: inbound("audio")?.packetsReceived ?? 0,
    };
  }

  /** Seconds from camera to screen where the publisher's clock is told, else from the media process. @param {any} video @param {number} tripS */
  #delay(video, tripS) {
    if (this.#captured !== null && this.#captured > 0 && this.#captured < MOST_DELAY_S) return this.#captured;
    const [delay, emitted] = [video?.jitterBufferDelay ?? 0, video?.jitterBufferEmittedCount ?? 0];
    const before = this.#buffer;
    this.#buffer = { delay, emitted };
    return emitted > before.emitted ? (delay - before.delay) / (emitted - before.emitted) + tripS / 2 : null;
  }

  close() {
    this.#isOver = true;
    for (const track of this.stream.getTracks()) track.enabled = false;
    this.#end();
  }

  #end() {
    end(this.#connection, this.isDead ? "" : this.#session, this.#grant.token);
  }
}
