/** Which way to a stream this network let through, kept in the browser for some hours. */

const KEY = "streams-way";
const HOURS_MS = 6 * 3_600_000;

/** @typedef {"udp" | "hls"} Way */

/** @param {string | undefined} network as the site names it */
function nameOf(network) {
  const connection = /** @type {any} */ (navigator).connection;
  return network ?? connection?.type ?? "any";
}

/** @returns {Record<string, {way: Way, until: number}>} */
function all() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}");
  } catch {
    return {};
  }
}

/** @param {string | undefined} network @returns {Way} */
export function rememberedWay(network) {
  const known = all()[nameOf(network)];
  return known && known.until > Date.now() ? known.way : "udp";
}

/** @param {string | undefined} network @param {Way} way */
export function rememberWay(network, way) {
  const kept = Object.entries(all()).filter(([, known]) => known.until > Date.now());
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...Object.fromEntries(kept), [nameOf(network)]: { way, until: Date.now() + HOURS_MS } }));
  } catch {
    // nothing can be kept in this browser: it is found out each time
  }
}
