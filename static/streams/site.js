/** One question to the site, and what became of it. */

const PATIENCE_MS = 8000;

/**
 * @typedef {{kind: "answer", answer: any} | {kind: "refused", status: number, message: string} | {kind: "signed_out"} | {kind: "unreachable"}} Outcome
 * refused: the site says why in a sentence of the reader's language.
 */

/**
 * @param {string} url @param {{csrf?: string, body?: object}} [question] with a body it is a POST
 * @returns {Promise<Outcome>}
 */
export async function ask(url, { csrf = "", body } = {}) {
  const headers = { Accept: "application/json", ...(body && { "Content-Type": "application/json", "X-CSRFToken": csrf }) };
  try {
    const answer = await fetch(url, {
      method: body ? "POST" : "GET",
      headers,
      body: body && JSON.stringify(body),
      redirect: "manual",
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (answer.type === "opaqueredirect" || answer.status === 401) return { kind: "signed_out" };
    const told = await answer.json();
    if (answer.ok) return { kind: "answer", answer: told };
    return answer.status >= 500 && !told.message ? { kind: "unreachable" } : { kind: "refused", status: answer.status, message: told.message ?? "" };
  } catch {
    return { kind: "unreachable" };
  }
}
