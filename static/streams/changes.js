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
  #state = "";
  #isReading = false;
  #isStale = false;

  /** Listens there, unless it hears already; newer links hold longer. @param {string} media @param {Links} links */
  follow(media, links) {
    this.#state = media + links.changes.replace("/changes/", "/state/");
    if (this.isHeard) return;
    this.stop();
    this.#source = new EventSource(media + links.changes, { withCredentials: true });
    this.#source.addEventListener("message", () => this.#read());
  }

  get isHeard() {
    return this.#source?.readyState === EventSource.OPEN;
  }

  /** Changes that come while one is being read are read together. */
  async #read() {
    this.#isStale = true;
    if (this.#isReading) return;
    this.#isReading = true;
    while (this.#isStale) {
      this.#isStale = false;
      await this.#readOnce();
    }
    this.#isReading = false;
  }

  async #readOnce() {
    try {
      const answer = await fetch(this.#state, { credentials: "include", cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
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
