/* Registers the service worker, and gives it the offline page of this language. The page works without it. */
if ("serviceWorker" in navigator) {
  try {
    await navigator.serviceWorker.register("/sw.js");
    const { active } = await navigator.serviceWorker.ready;
    active?.postMessage({ offline: `/${document.documentElement.lang}/offline` });
  } catch {
    // private windows and old browsers: everything goes on over the network
  }
}
