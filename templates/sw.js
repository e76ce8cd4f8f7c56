// The service worker. It keeps public files and the offline page, never a page of anybody's.
const CACHE = "tesweb-{{ version }}";
const OFFLINE = "/offline";
const SHELL = {{ shell|tojson }};

// Hashed names come from the browser's own cache; the offline page comes fresh and without a cookie.
const request = (url) => new Request(url, url === OFFLINE ? { cache: "reload", credentials: "omit" } : {});

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(SHELL.map(request))));
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const key of await caches.keys()) if (key !== CACHE) await caches.delete(key);
    await self.clients.claim();
  })());
});

// A waiting worker takes over only when the person has agreed to the new version.
self.addEventListener("message", (event) => {
  if (event.data === "take-over") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(kept(request));
  else if (request.mode === "navigate") event.respondWith(page(request));
});

async function kept(request) {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}

// No navigation preload: with it Firefox shows its own error page instead of ours.
async function page(request) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(OFFLINE, { ignoreVary: true })) ?? Response.error();
  }
}
