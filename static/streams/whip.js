/** Publishes picture and sound by WHIP, and comes back by itself. */

import { Pulse, Refused, end, isClosedByOther, isUp, offer, patience, pause } from "./session.js";

/** @typedef {import("./session.js").Grant} Grant */
/** @typedef {import("./site.js").Outcome} Outcome */
/** @typedef {{width: number, height: number, fps: number, kbps: number, lossPercent: number, tripMs: number | null}} Sending */
/** @typedef {"connecting" | "sending" | "lost" | "refused" | "taken_over" | "stopped"} State */

const LOOK_MS = 1000;
const CONNECT_MS = 6000;
const REFUSED_MS = 3000;
const MOST_BITS = 2_500_000;

export class Publication extends EventTarget {
  /** @type {State} */
  state = "connecting";
  message = "";
  /** @type {Sending | null} */
  sending = null;
  #stream;
  #enter;
  #abort = new AbortController();
  /** @type {RTCPeerConnection | null} */
  #connection = null;
  #sent = { bytes: 0, at: 0 };
  /** @type {Grant | null} */
  #kept = null;

  /**
   * Tells of every "change" of its state and figures.
   * @param {MediaStream} stream @param {() => Promise<Outcome>} enter asks the site for a token
   */
  constructor(stream, enter) {
    super();
    this.#stream = stream;
    this.#enter = enter;
    this.#run();
  }

  /** Sends other tracks from now on, without a gap. @param {MediaStream} stream */
  async replace(stream) {
    this.#stream = stream;
    for (const sender of this.#connection?.getTransceivers() ?? []) {
      const kind = sender.receiver.track.kind;
      await sender.sender.replaceTrack(stream.getTracks().find((track) => track.kind === kind) ?? null);
    }
  }

  stop() {
    this.#abort.abort();
    this.#tell("stopped");
  }

  /** @param {State} state */
  #tell(state) {
    if (this.state === "stopped") return;
    this.state = state;
    if (state !== "sending") this.sending = null;
    this.dispatchEvent(new Event("change"));
  }

  async #run() {
    const { signal } = this.#abort;
    for (let failures = 0; !signal.aborted; failures += 1) {
      const outcome = await this.#once(signal);
      if (signal.aborted) return;
      if (outcome === "sent") failures = 0;
      this.#tell(outcome === "sent" ? "lost" : outcome);
      if (outcome === "taken_over") return;
      await pause(outcome === "refused" ? REFUSED_MS : patience(failures), signal);
    }
  }

  /** A token from the site, or while the site is away the one from before as long as it holds. @returns {Promise<Grant | "refused" | "lost">} */
  async #grant() {
    const outcome = await this.#enter();
    if (outcome.kind === "answer") return (this.#kept = outcome.answer);
    if (outcome.kind === "unreachable") return this.#kept && Date.parse(this.#kept.expires_at) > Date.now() ? this.#kept : "lost";
    this.message = outcome.kind === "refused" ? outcome.message : "";
    return "refused";
  }

  /** One connection, from the offer until it is lost. @param {AbortSignal} signal @returns {Promise<"sent" | "lost" | "refused" | "taken_over">} */
  async #once(signal) {
    const grant = await this.#grant();
    if (typeof grant === "string") return grant;
    const connection = new RTCPeerConnection({ iceServers: grant.ice_servers ?? [], bundlePolicy: "max-bundle" });
    this.#connection = connection;
    let session = "";
    let isGone = false;
    try {
      addTracks(connection, this.#stream);
      session = await offer(connection, `${grant.media}/whip/${grant.path}`, grant.token);
      await setLimits(connection);
      const outcome = await this.#attend(connection, grant, signal);
      if (outcome === "stopped") return "lost";
      isGone = true;
      return outcome;
    } catch (fault) {
      return fault instanceof Refused && fault.status < 500 ? "refused" : "lost";
    } finally {
      end(connection, isGone ? "" : session, grant.token);
    }
  }

  /** @param {RTCPeerConnection} connection @param {Grant} grant @param {AbortSignal} signal */
  async #attend(connection, grant, signal) {
    const pulse = new Pulse();
    const began = performance.now();
    let isSending = false;
    while (!signal.aborted) {
      await pause(isSending ? LOOK_MS : LOOK_MS / 4, signal);
      if (isClosedByOther(connection)) return (await isUp(grant.media)) ? "taken_over" : "lost";
      const report = await connection.getStats();
      pulse.observe(report);
      if (connection.connectionState === "connected") {
        isSending = true;
        this.sending = this.#read(report);
        this.#tell("sending");
      }
      const isLate = !isSending && performance.now() - began > CONNECT_MS;
      if (isLate || pulse.isLost || connection.connectionState === "failed") break;
    }
    if (signal.aborted) return "stopped";
    return isSending ? "sent" : "lost";
  }

  /** @param {RTCStatsReport} report @returns {Sending} */
  #read(report) {
    const all = [...report.values()];
    const video = all.find((one) => one.type === "outbound-rtp" && one.kind === "video");
    const heard = all.filter((one) => one.type === "remote-inbound-rtp");
    const pair = all.find((one) => one.type === "candidate-pair" && one.nominated);
    const bytes = all.reduce((sum, one) => sum + (one.type === "outbound-rtp" ? one.bytesSent : 0), 0);
    const now = performance.now();
    const kbps = this.#sent.at && bytes >= this.#sent.bytes ? (8 * (bytes - this.#sent.bytes)) / (now - this.#sent.at) : 0;
    this.#sent = { bytes, at: now };
    return {
      width: video?.frameWidth ?? 0,
      height: video?.frameHeight ?? 0,
      fps: video?.framesPerSecond ?? 0,
      kbps,
      lossPercent: 100 * Math.max(0, ...heard.map((one) => one.fractionLost ?? 0)),
      tripMs: pair?.currentRoundTripTime === undefined ? null : 1000 * pair.currentRoundTripTime,
    };
  }
}

/** H.264 first, which every viewer plays and the recording holds as it is. @param {RTCPeerConnection} connection @param {MediaStream} stream */
function addTracks(connection, stream) {
  for (const track of stream.getTracks()) {
    const transceiver = connection.addTransceiver(track, { direction: "sendonly", streams: [stream] });
    if (track.kind !== "video") continue;
    const codecs = RTCRtpSender.getCapabilities("video")?.codecs ?? [];
    const isPlain = (/** @type {RTCRtpCodec} */ codec) => /h264/i.test(codec.mimeType) && /packetization-mode=1/.test(codec.sdpFmtpLine ?? "");
    const isRepair = (/** @type {RTCRtpCodec} */ codec) => /rtx/i.test(codec.mimeType);
    const plain = codecs.filter(isPlain);
    const rank = (/** @type {RTCRtpCodec} */ codec) => (/profile-level-id=42e0/i.test(codec.sdpFmtpLine ?? "") ? 0 : 1);
    if (plain.length) transceiver.setCodecPreferences([...plain.sort((one, other) => rank(one) - rank(other)), ...codecs.filter(isRepair)]);
  }
}

/** @param {RTCPeerConnection} connection */
async function setLimits(connection) {
  const sender = connection.getSenders().find((one) => one.track?.kind === "video");
  if (!sender) return;
  const parameters = sender.getParameters();
  for (const encoding of parameters.encodings) encoding.maxBitrate = MOST_BITS;
  await sender.setParameters(parameters);
}
