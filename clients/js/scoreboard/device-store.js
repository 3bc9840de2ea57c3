/** What this browser keeps between visits; nothing if storage is blocked. */

const FAVOURITES_KEY = "scorecast-favourites";
const LAST_KEY = "scorecast-last";
const PAGES_MAX = 5;

/** The ids of the favourite teams. */
export function loadFavourites() {
  const ids = stored(FAVOURITES_KEY);
  return new Set(Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : []);
}

export function saveFavourites(ids) {
  store(FAVOURITES_KEY, [...ids]);
}

/** What a page showed last, `{atMs, matches, …}`; null if it was never here. */
export function loadLast(page) {
  const found = pages().find(([name]) => name === page)?.[1];
  const isWhole = Number.isFinite(found?.atMs) && Array.isArray(found.matches);
  return isWhole ? { ...found, matches: found.matches.filter((match) => typeof match?.match_id === "string") } : null;
}

/** Of the pages shown last only. */
export function saveLast(page, shown) {
  store(LAST_KEY, [[page, shown], ...pages().filter(([name]) => name !== page)].slice(0, PAGES_MAX));
}

function pages() {
  const found = stored(LAST_KEY);
  return Array.isArray(found) ? found.filter(Array.isArray) : [];
}

function stored(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null; // blocked or invalid
  }
}

function store(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    return; // blocked or full: this visit works all the same
  }
}
