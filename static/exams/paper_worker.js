/**
 * Keeps one page without any item, and what it is made of: it is shown when a paper is loaded anew without the network.
 * VERSION and FILES stand above this line; the server writes them. No paper, no item and no answer is ever kept here.
 */

const CACHE = `paper-shell-${VERSION}`;
const SHELL = FILES[0];
const PAPER = /^\/attempts\/\d+$/;
const NOT_THE_SITE = [502, 503, 504]; // what stands between says that the site does not answer

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: "reload" })))));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(clearOld().then(() => self.clients.claim()));
});

async function clearOld() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("paper-shell-") && name !== CACHE).map((name) => caches.delete(name)));
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate" && PAPER.test(pathname)) event.respondWith(paperOrShell(request));
  else if (FILES.includes(pathname) && pathname !== SHELL) event.respondWith(fileOrKept(request, pathname));
});

/** @param {Request} request */
async function paperOrShell(request) {
  try {
    const answer = await fetch(request);
    if (!NOT_THE_SITE.includes(answer.status)) return answer;
  } catch {
    // no network
  }
  return (await kept(SHELL)) ?? Response.error();
}

/** @param {Request} request @param {string} pathname */
async function fileOrKept(request, pathname) {
  try {
    return await fetch(request);
  } catch {
    return (await kept(pathname)) ?? Response.error();
  }
}

/** @param {string} pathname */
async function kept(pathname) {
  const cache = await caches.open(CACHE);
  return cache.match(pathname);
}
