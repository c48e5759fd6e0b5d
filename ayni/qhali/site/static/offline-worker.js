// Keeps one page without anybody's data for when there is no signal. Pages with data are never kept.
"use strict";

const SHELL = "qhali-shell-1";
const OFFLINE = "/sin-senal";
const PARTS = ["qhali.css", "qhali.svg", "phone.js", "reading.js", "waiting.js", "offline.js"].map(
  (name) => `/static/${name}`
);

// Without cookies, so that the page is the one of a stranger.
const keep = async () => {
  const shell = await caches.open(SHELL);
  await Promise.all(
    [OFFLINE, ...PARTS].map(async (address) =>
      shell.put(address, await fetch(address, { credentials: "omit", cache: "no-store" }))
    )
  );
};

const fromShell = async (request) =>
  (await caches.match(request.mode === "navigate" ? OFFLINE : request.url)) ?? Response.error();

self.addEventListener("install", (event) => event.waitUntil(keep().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const isPart = PARTS.includes(new URL(request.url).pathname) && !request.headers.has("X-Probe");
  if (request.mode === "navigate" || isPart) {
    event.respondWith(fetch(request).catch(() => fromShell(request)));
  }
});
