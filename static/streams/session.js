/** What WHIP (RFC 9725) and WHEP have in common: an offer goes by POST, the answer comes with the session's address. */

const GATHER_MS = 800;
const PATIENCE_MS = 8000;
const LOST_AFTER_MS = 4000;

/**
 * @typedef {object} Grant what the site hands out for one stream
 * @property {string} media origin of the media process
 * @property {string} path such as `o12/program`
 * @property {string} token
 * @property {string} expires_at
 * @property {RTCIceServer[]} [ice_servers]
 * @property {string} [network] a name for the network that this computer is in
 */

/** The media process said no. */
export class Refused extends Error {
  /** @param {number} status */
  constructor(status) {
    super(`refused: ${status}`);
    this.status = status;
  }
}

/** All candidates, or those that are known after a moment. @param {RTCPeerConnection} connection */
function gathered(connection) {
  if (connection.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, GATHER_MS);
    connection.addEventListener("icegatheringstatechange", () => {
      if (connection.iceGatheringState !== "complete") return;
      clearTimeout(timer);
      resolve(undefined);
    });
  });
}

/**
 * Offers what `connection` sends or takes; the session's address once the answer stands.
 * Raises Refused, or what fetch raises when nobody answers.
 * @param {RTCPeerConnection} connection
 * @param {string} address
 * @param {string} token
 */
export async function offer(connection, address, token) {
  const made = await connection.createOffer();
  await connection.setLocalDescription({ type: "offer", sdp: withStereo(made.sdp ?? "") });
  await gathered(connection);
  const answer = await fetch(address, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/sdp" },
    body: connection.localDescription?.sdp,
    cache: "no-store",
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (answer.status !== 201) throw new Refused(answer.status);
  const sdp = await answer.text();
  await connection.setRemoteDescription({ type: "answer", sdp: withStereo(sdp) });
  return new URL(answer.headers.get("Location") ?? "", address).href;
}

/** An offer or answer that asks for both channels of the sound. @param {string} sdp */
function withStereo(sdp) {
  const type = /a=rtpmap:(\d+) opus\//i.exec(sdp)?.[1];
  if (!type || new RegExp(`a=fmtp:${type} [^\\r\\n]*\\bstereo=1`).test(sdp)) return sdp;
  const line = new RegExp(`(a=fmtp:${type} [^\\r\\n]*)`);
  if (line.test(sdp)) return sdp.replace(line, "$1;stereo=1");
  return sdp.replace(new RegExp(`(a=rtpmap:${type} [^\\r\\n]*\\r\\n)`, "i"), `$1a=fmtp:${type} stereo=1\r\n`);
}

/**
 * Ends a session and then its connection; what nobody knows any more on the other side is only closed here.
 * @param {RTCPeerConnection} connection @param {string} session its address, "" when there is none @param {string} token
 */
export async function end(connection, session, token) {
  const isKnown = session && connection.connectionState !== "failed" && !isClosedByOther(connection);
  const headers = { Authorization: `Bearer ${token}` };
  if (isKnown) await fetch(session, { method: "DELETE", headers, keepalive: true, signal: AbortSignal.timeout(2000) }).catch(() => {});
  connection.close();
}

/** Whether the media process answers. @param {string} media */
export async function isUp(media) {
  try {
    return (await fetch(`${media}/health`, { cache: "no-store", signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}

/** Notices that nothing comes from the other side any more: sooner than the browser tells it. */
export class Pulse {
  #received = -1;
  #at = performance.now();

  /** @param {RTCStatsReport} report */
  observe(report) {
    let received = 0;
    for (const one of report.values()) if (one.type === "candidate-pair") received += one.bytesReceived + one.responsesReceived;
    if (received !== this.#received) this.#at = performance.now();
    this.#received = received;
  }

  get isLost() {
    return performance.now() - this.#at > LOST_AFTER_MS;
  }
}

/** Whether the other side closed the connection by its own will. @param {RTCPeerConnection} connection */
export function isClosedByOther(connection) {
  const ends = [...connection.getReceivers(), ...connection.getSenders()];
  return ends.some((one) => one.transport?.state === "closed");
}

/** @param {number} milliseconds @param {...AbortSignal} signals each ends the pause early */
export function pause(milliseconds, ...signals) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    const end = () => (clearTimeout(timer), resolve(undefined));
    for (const signal of signals) {
      if (signal.aborted) end();
      else signal.addEventListener("abort", end, { once: true });
    }
  });
}

/** Pauses that grow, each a little different, so that many who were cut off do not come back in one moment. @param {number} failures */
export function patience(failures) {
  return Math.min(2200, 250 * 1.7 ** failures) * (0.6 + Math.random() * 0.6);
}
