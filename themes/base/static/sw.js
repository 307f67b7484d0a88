/*
  The service worker: what is there without a network. The site works without it.

  Kept for a day: the offline page of each language, as somebody sees it who is not signed in. With a network, an
  older one is fetched anew.
  Kept until the offline page names other files: those whose address holds their hash (/_s, /_t).
  Kept until the Friend signs out, and never longer than a day: the list of their jobs and the jobs of today.
  The server says which pages those are (headers Offline-Keep with a mark of the account, Offline-Also with the
  pages that go along); a page it does not say so of any more is thrown away, and so is everything once it refuses
  (403). Pages of another account, signing in and signing out throw all of them away. Nothing else is kept, and
  nothing of the API.
*/
const SHELL = "shell-1";
const MINE = "mine-1";
const LONGEST_MS = 24 * 3600 * 1000;
const LANGUAGE = /^\/(de|fr|en)(?:\/|$)/;

const isFile = (url) => url.pathname.startsWith("/_s/") || url.pathname.startsWith("/_t/");
const isOld = (answer) => Date.now() - Date.parse(answer.headers.get("Date")) > LONGEST_MS;
const filesOf = async (page) => new Set((await page.text()).match(/\/_[st]\/[^"]+/g));
const offlinePage = (url) => `/${LANGUAGE.exec(url.pathname)?.[1] ?? "de"}/offline`;
const isGate = (url) => /^\/(de|fr|en)\/sign-(in|out)(?:\/|$)/.test(url.pathname);

async function keepFile(request) {
  const shell = await caches.open(SHELL);
  const known = await shell.match(request);
  if (known) return known;
  const answer = await fetch(request);
  if (answer.ok) shell.put(request, answer.clone());
  return answer;
}

/* The offline page with the files it needs; fetched without cookies, so that nobody's name is on it. */
async function keepOfflinePage(path) {
  const shell = await caches.open(SHELL);
  const known = await shell.match(path);
  if (known && !isOld(known)) return;
  const answer = await fetch(path, { credentials: "omit" });
  if (!answer.ok) return;
  const files = await filesOf(answer.clone());
  const before = known ? await filesOf(known) : files;
  await shell.put(path, answer);
  await Promise.all([...files].map((file) => keepFile(new Request(file)).catch(() => null)));
  if ([...before].every((file) => files.has(file))) return;
  for (const { url } of await shell.keys()) {
    if (isFile(new URL(url)) && !files.has(new URL(url).pathname)) await shell.delete(url); // of an earlier release
  }
}

/* What belongs to one Friend -------------------------------------------------------------------------- */
async function keepMine(request, answer) {
  const owner = answer.headers.get("Offline-Keep");
  if (answer.status === 403) return forgetMine();
  if (!owner) return (await caches.has(MINE)) && (await caches.open(MINE)).delete(request.url);
  const mine = await caches.open(MINE);
  const before = await mine.match("/owner");
  if (before && (await before.text()) !== owner) await forgetMine();
  const store = await caches.open(MINE);
  await store.put("/owner", new Response(owner));
  await store.put(request.url, answer);
  const also = answer.headers.get("Offline-Also");
  if (also !== null) await bringAlong(store, also.split(" ").filter(Boolean), request.url);
}

async function bringAlong(store, paths, list) {
  const wanted = new Set(paths.map((path) => new URL(path, location.origin).href));
  for (const known of await store.keys()) {
    const isJob = /\/friend\/jobs\/[^/]+$/.test(new URL(known.url).pathname);
    if (isJob && !wanted.has(known.url) && known.url !== list) await store.delete(known);
  }
  for (const href of wanted) {
    const answer = await fetch(href, { credentials: "same-origin" }).catch(() => null);
    if (answer?.ok && answer.headers.get("Offline-Keep")) await store.put(href, answer);
  }
}

const forgetMine = () => caches.delete(MINE);

async function fromMine(url) {
  const store = await caches.open(MINE);
  const known = await store.match(url);
  if (!known) return null;
  if (isOld(known)) {
    await forgetMine();
    return null;
  }
  const html = (await known.text()).replaceAll(" data-asof hidden", " data-asof"); // the note says how old it is
  const headers = { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": known.headers.get("Content-Security-Policy") };
  return new Response(html, { headers });
}

/* Pages -------------------------------------------------------------------------------------------------- */
async function openPage(event, url) {
  try {
    const answer = await fetch(event.request);
    const copy = answer.clone();
    event.waitUntil(keepMine(event.request, copy).catch(() => null));
    event.waitUntil(keepOfflinePage(offlinePage(url)).catch(() => null));
    return answer;
  } catch {
    const list = url.pathname.includes("/friend") ? url.pathname.replace(/\/friend.*/, "/friend/jobs") : null;
    const kept = (await fromMine(url.href)) ?? (list && (await fromMine(new URL(list, url).href)));
    return kept ?? (await (await caches.open(SHELL)).match(offlinePage(url))) ?? Response.error();
  }
}

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) =>
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name !== SHELL && name !== MINE) await caches.delete(name);
      await self.clients.claim();
    })(),
  ),
);
self.addEventListener("message", ({ data }) => {
  if (typeof data?.offline === "string" && LANGUAGE.test(data.offline)) keepOfflinePage(data.offline).catch(() => null);
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (isGate(url)) event.waitUntil(forgetMine());
  if (request.method !== "GET") return;
  if (isFile(url)) event.respondWith(keepFile(request));
  else if (request.mode === "navigate") event.respondWith(openPage(event, url));
});
