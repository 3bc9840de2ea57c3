/**
 * Keeps the spectator's page, so that it opens without a network. Scores are never answered from
 * here: the page itself shows the last ones that it knew, and says how old they are.
 */

const CACHE = `page-${VERSION}`;

addEventListener("install", (event) => event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES))));
addEventListener("activate", (event) => event.waitUntil(removeOthers()));
addEventListener("fetch", (event) => {
  const file = fileOf(new URL(event.request.url));
  if (file) event.respondWith(answer(event.request, file));
});

async function removeOthers() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
}

/** The page's file at this address; undefined if it is of no concern here. */
function fileOf({ href, origin, pathname }) {
  const scope = new URL("./", location.href);
  if (!href.startsWith(scope.href)) return undefined;
  const name = (origin + pathname).slice(scope.href.length) || "index.html";
  return FILES.find((each) => each === name);
}

/** The network first: a page of two versions would not work. */
async function answer(request, file) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(file)) ?? Response.error();
  }
}
