/** Hears from the media process that something changed, and reads what. */

/**
 * @typedef {object} MediaState
 * @property {string} state
 * @property {string | null} program
 * @property {Record<string, {live: boolean}>} paths
 * @typedef {{hls: string, recording: string, changes: string}} Links below the origin of the media process
 */

const PATIENCE_MS = 5000;

/** Takes a token to the media process: its paths for HLS and changes, bound to a cookie. Null when it does not answer or refuses. @param {import("./session.js").Grant} grant @returns {Promise<Links | null>} */
export async function enterMedia(grant) {
  try {
    const answer = await fetch(`${grant.media}/enter`, {
      method: "POST",
      headers: { Authorization: `Bearer ${grant.token}` },
      credentials: "include",
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

/** Tells of a "change", with the MediaState as its detail. */
export class Changes extends EventTarget {
  /** @type {EventSource | null} */
  #source = null;
  #address = "";

  /** @param {string} media @param {Links} links */
  follow(media, links) {
    if (this.isHeard && this.#address === media + links.changes) return;
    this.stop();
    this.#address = media + links.changes;
    this.#source = new EventSource(this.#address, { withCredentials: true });
    this.#source.addEventListener("open", () => this.#read());
    this.#source.addEventListener("message", () => this.#read());
  }

  get isHeard() {
    return this.#source?.readyState === EventSource.OPEN;
  }

  async #read() {
    try {
      const address = this.#address.replace("/changes/", "/state/");
      const answer = await fetch(address, { credentials: "include", cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
      if (answer.ok) this.dispatchEvent(new CustomEvent("change", { detail: await answer.json() }));
    } catch {
      // it is gone again: the source tells when it is back
    }
  }

  stop() {
    this.#source?.close();
    this.#source = null;
  }
}
