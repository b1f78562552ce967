/** One request to the server, and what became of it. */

const PATIENCE_MS = 15_000;

/**
 * @typedef {object} Reply
 * @property {string} server_now
 * @property {string} beacon
 * @property {string} state
 * @property {string | null} deadline_at
 * @property {{item: number, seq: number, server_seq?: number}[]} stored
 * @property {{item: number, seq: number, why: string}[]} refused
 * @property {{item: number, seq: number, why: string}[]} piled
 * @property {{item: number, seq: number}[]} [missing]
 * @property {number} answered
 * @property {number} items
 * @property {string | null} last_stored_at
 * @property {{id: number, text: string, at: string}[]} notices
 * @property {{seen_at: string} | null} elsewhere
 * @property {string | null} receipt
 */

/**
 * @typedef {{kind: "reply", reply: Reply, asked: number, heard: number}
 *   | {kind: "unreachable" | "busy" | "signed_out" | "stale" | "gone" | "too_big"}} Outcome
 * unreachable: nothing is known, send again. busy: the server answers, but not to this. stale: the page's token is of another sign-in. gone: not this person's.
 */

/** @param {string} url @param {object} body @param {string} csrf @returns {Promise<Outcome>} */
export async function post(url, body, csrf) {
  const asked = performance.now();
  try {
    const answer = await fetch(url, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": csrf },
      redirect: "manual",
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (answer.type === "opaqueredirect" || answer.status === 401) return { kind: "signed_out" };
    if (answer.ok) return { kind: "reply", reply: await answer.json(), asked, heard: performance.now() };
    const kinds = /** @type {const} */ ({ 400: "stale", 403: "gone", 404: "gone", 409: "busy", 413: "too_big", 429: "busy", 500: "busy" });
    return { kind: kinds[/** @type {keyof typeof kinds} */ (answer.status)] ?? "unreachable" };
  } catch {
    return { kind: "unreachable" };
  }
}

/**
 * The token of the page as the server writes it now, when the sign-in has changed under it.
 * @param {string} url
 * @returns {Promise<{kind: "page", csrf: string} | {kind: "unreachable" | "signed_out" | "gone" | "over"}>}
 * over: the server shows another page in its place
 */
export async function freshToken(url) {
  try {
    const answer = await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.status === 403 || answer.status === 404) return { kind: "gone" };
    if (!answer.ok) return { kind: "unreachable" };
    if (new URL(answer.url).pathname === "/sign-in") return { kind: "signed_out" };
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const data = page.querySelector("#paper-data");
    return data ? { kind: "page", csrf: JSON.parse(data.textContent ?? "{}").csrf } : { kind: "over" };
  } catch {
    return { kind: "unreachable" };
  }
}
