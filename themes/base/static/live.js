/*
  Live pages. The page works without this; with it, it changes by itself.

  A page opts in by page(..., modules=("live.js",)) and by marking the parts that may change:

    <div id="job" data-live> ... </div>             fetched again after an event and brought up to date in place
    <div id="offers" data-live data-live-topics="job. offer.">   only for events whose type begins like this
    <h1>                                            what is said to screen readers when it changes; so is
    <b data-live-say>                               any element marked like this
    <time datetime="..." data-until="73">1:13</time>  counts down from so many seconds; at zero the page is fetched
    <time datetime="..." data-since="48">0:48</time>  counts up
    <time data-until="1200" data-until-say="300 60">  the line around it is said to screen readers at 5 min and at 1 min
    <div id="open" data-live data-live-every="60">      fetched every 60 s as well, for times that nothing announces
    <p data-stale hidden>                           shown while the connection is lost; layout.html has one

  Regions do not lie in one another. A form in which somebody has typed is left as it is; everything around it
  moves on. Focus, open details and scroll positions stay. Nothing here speaks a language: all words come with
  the page.
*/
const EVENTS = "/api/v1/events";
const PAUSE_MS = 400; // between two fetches when much happens
const STALE_MS = 5000;
const RETRY_MS = [3000, 10000, 30000, 60000];

let source = null;
let failures = 0;
let retryTimer = 0;
let staleTimer = 0;
let fetching = false;
let again = false;
let lastFetch = -PAUSE_MS;
let wasOpen = false;
const ends = new WeakMap();
const speaker = document.createElement("p");

const regions = (root) => [...root.querySelectorAll("[data-live][id]")];

/* Bringing a region up to date ------------------------------------------------------------------------ */
const isTyped = (form) => "typed" in form.dataset || form.contains(document.activeElement?.closest("input, textarea, select"));

function syncAttributes(from, to) {
  for (const { name } of [...from.attributes]) {
    if (!to.hasAttribute(name) && !(name === "open" && from.nodeName === "DETAILS")) from.removeAttribute(name);
  }
  for (const { name, value } of to.attributes) {
    if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
}

function morph(from, to) {
  if (from.isEqualNode(to)) return;
  if (from.nodeType !== to.nodeType || from.nodeName !== to.nodeName || (from.id ?? "") !== (to.id ?? "")) {
    from.replaceWith(document.importNode(to, true));
  } else if (from.nodeType !== Node.ELEMENT_NODE) {
    from.nodeValue = to.nodeValue;
  } else if (from.nodeName !== "FORM" || !isTyped(from)) {
    syncAttributes(from, to);
    morphChildren(from, to);
  }
}

function morphChildren(from, to) {
  const keyed = new Map([...from.children].filter((child) => child.id).map((child) => [child.id, child]));
  let at = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    const known = wanted.id ? keyed.get(wanted.id) : at?.id ? null : at;
    if (!known) {
      from.insertBefore(document.importNode(wanted, true), at);
      continue;
    }
    if (known === at) at = at.nextSibling;
    else from.insertBefore(known, at);
    morph(known, wanted);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

function spoken(root) {
  const marked = root.querySelectorAll("h1, [data-live-say]");
  return [...marked].map((node) => node.textContent.replace(/\s+/g, " ").trim());
}

function keepFocus(change) {
  const active = document.activeElement;
  const href = active?.getAttribute?.("href");
  const name = active?.getAttribute?.("name");
  change();
  if (!active || active === document.body || active.isConnected) return;
  const same =
    (active.id && document.getElementById(active.id)) ||
    (href && document.querySelector(`a[href="${CSS.escape(href)}"]`)) ||
    (name && document.querySelector(`[name="${CSS.escape(name)}"]`));
  (same || document.getElementById("main"))?.focus({ preventScroll: true });
}

function show(fresh) {
  const before = spoken(document);
  keepFocus(() => {
    for (const region of regions(document)) {
      const wanted = fresh.getElementById(region.id);
      if (wanted) morph(region, wanted);
    }
  });
  if (document.title !== fresh.title) document.title = fresh.title;
  const said = spoken(document).filter((text) => !before.includes(text));
  if (said.length) speaker.textContent = said.join(" ");
  readTimes();
}

/* Fetching the page again ----------------------------------------------------------------------------- */
async function refresh() {
  if (fetching) {
    again = true;
    return;
  }
  fetching = true;
  await new Promise((done) => setTimeout(done, Math.max(0, lastFetch + PAUSE_MS - performance.now())));
  lastFetch = performance.now();
  again = false;
  try {
    await fetchOnce();
  } catch {
    setStale(true);
  }
  fetching = false;
  if (again) refresh();
}

async function fetchOnce() {
  if (document.querySelector("[aria-invalid=true]")) return; // a form that came back: the address shows another page
  const address = location.href.split("#")[0];
  const answer = await fetch(address, { cache: "no-store", headers: { Accept: "text/html" } });
  if (!answer.ok) {
    setStale(true);
    return;
  }
  if (answer.redirected && answer.url.split("#")[0] !== address) {
    if (![...document.forms].some(isTyped)) location.assign(answer.url);
    return;
  }
  show(new DOMParser().parseFromString(await answer.text(), "text/html"));
  if (source?.readyState === EventSource.OPEN) setStale(false);
}

/* The stream -------------------------------------------------------------------------------------------- */
function concerns(type) {
  return (
    type === "reload" ||
    regions(document).some((region) => {
      const topics = region.dataset.liveTopics?.split(/\s+/).filter(Boolean) ?? [];
      return !topics.length || topics.some((topic) => type.startsWith(topic));
    })
  );
}

function setStale(lost) {
  clearTimeout(staleTimer);
  if (lost) {
    staleTimer = setTimeout(() => document.querySelectorAll("[data-stale]").forEach((note) => (note.hidden = false)), STALE_MS);
  } else {
    document.querySelectorAll("[data-stale]").forEach((note) => (note.hidden = true));
  }
}

function open() {
  clearTimeout(retryTimer);
  source?.close();
  source = new EventSource(EVENTS);
  source.onopen = () => {
    failures = 0;
    wasOpen = true;
    document.documentElement.dataset.liveOpen = "1";
    refresh(); // what happened between the page and the stream
    setStale(false);
  };
  source.onmessage = (message) => {
    if (concerns(JSON.parse(message.data).type)) refresh();
  };
  source.onerror = () => {
    delete document.documentElement.dataset.liveOpen;
    if (wasOpen) setStale(true);
    if (source.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    retryTimer = setTimeout(open, RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]);
    failures += 1;
  };
}

/* Times that run ------------------------------------------------------------------------------------------ */
function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 60) % 60, whole % 60];
  if (whole >= 3600) parts.unshift(Math.floor(whole / 3600));
  return parts.map((part, index) => (index ? String(part).padStart(2, "0") : part)).join(":");
}

function readTimes() {
  for (const node of document.querySelectorAll("time[data-until], time[data-since]")) {
    const { until, since } = node.dataset;
    const given = `${until} ${since} ${node.dateTime}`;
    if (ends.get(node)?.given === given) continue;
    const now = performance.now();
    const gap = (Date.parse(node.dateTime) - Date.now()) / 1000;
    const start = since === undefined ? Number(until || gap) : -Number(since || -gap);
    ends.set(node, { given, at: now + start * 1000, over: start <= 0, said: Infinity });
  }
  tick();
}

function tick() {
  for (const node of document.querySelectorAll("time[data-until], time[data-since]")) {
    const end = ends.get(node);
    if (!end) continue;
    const left = (end.at - performance.now()) / 1000;
    const text = clock("since" in node.dataset ? -left : left);
    if (node.textContent !== text) node.textContent = text;
    const due = (node.dataset.untilSay ?? "").split(" ").filter((mark) => mark && left <= mark).length;
    if (due > end.said) speaker.textContent = node.parentElement.textContent;
    end.said = due;
    if ("until" in node.dataset && left <= 0 && !end.over) {
      end.over = true;
      refresh();
    }
  }
}

/* Begin ------------------------------------------------------------------------------------------------------ */
speaker.className = "p-sr";
speaker.setAttribute("role", "status");
document.body.append(speaker);
document.addEventListener("input", ({ target }) => target.form && (target.form.dataset.typed = ""));
document.addEventListener("reset", ({ target }) => delete target.dataset.typed);
readTimes();
setInterval(tick, 1000);
if (regions(document).length) {
  open();
  const pauses = regions(document).map((region) => Number(region.dataset.liveEvery)).filter(Boolean);
  if (pauses.length) setInterval(() => document.hidden || refresh(), Math.min(...pauses) * 1000);
  addEventListener("pagehide", () => source?.close()); // so that "back" finds the page as it was
  addEventListener("pageshow", ({ persisted }) => persisted && open());
  addEventListener("online", open);
}
