/** HTTP requests of the pages. */

/** Between once and twice the delay, so that pages do not ask at the same time. */
export const withJitter = (delayMs) => delayMs * (1 + Math.random());

const NOT_ANNOUNCED_POLL_MS = 2000;
const DAY_MS = 24 * 60 * 60 * 1000;
const ID = /^[\w-]{1,64}$/;

/** Why there is nothing to show; without `retryAfterMs` a retry cannot help. */
export class NotReady extends Error {
  constructor(reason, retryAfterMs = null) {
    super(reason);
    Object.assign(this, { reason, retryAfterMs });
  }
}

/** The servers' URLs and what to show; the page's query overrides the site's configuration. */
export async function readConfig(query) {
  const config = await read("config.json");
  return {
    wsUrl: config.ws_url,
    httpUrl: config.http_url.replace(/\/+$/, ""),
    tournamentId: idIn(query, "tournament") ?? config.tournament_id,
    matchId: idIn(query, "match"),
    token: query.get("token") ?? config.token ?? null,
  };
}

/** The tournament, or the one match, as the HTTP API has it. */
export async function readListing({ httpUrl, tournamentId, matchId, token }) {
  const [kind, id] = matchId ? ["matches", matchId] : ["tournaments", tournamentId];
  const url = `${httpUrl}/${kind}/${id}`;
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const listing = await read(url, headers);
  return listing.complete === false ? withCurrent(listing, url, headers) : listing;
}

/** A tournament with too many matches lists the first: those in play and the next ones are added. */
async function withCurrent(listing, url, headers) {
  const yesterday = new Date(Date.now() - DAY_MS).toISOString();
  const queries = ["state=live", "state=paused", "state=disputed", `from=${yesterday}`];
  const pages = await Promise.all(queries.map((query) => read(`${url}/matches?${query}`, headers)));
  const matches = [...listing.matches, ...pages.flatMap((page) => page.matches)];
  return { ...listing, matches: [...new Map(matches.map((match) => [match.match_id, match])).values()] };
}

/** Groups and rounds as the service has them; null if they cannot be read. */
export async function readStructure({ httpUrl, tournamentId, token }) {
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  return read(`${httpUrl}/tournaments/${tournamentId}/structure`, headers).catch(() => null);
}

function idIn(query, name) {
  const id = query.get(name);
  if (id !== null && !ID.test(id)) throw new NotReady(`bad_${name}`);
  return id;
}

export async function read(url, headers = {}) {
  const response = await fetch(url, { headers, cache: "no-store" });
  if (response.ok) return response.json();
  const { code } = Object(await response.json().catch(() => null));
  // Without a code of the service the response is a proxy's, and a later attempt may succeed.
  if (typeof code !== "string") throw new Error(`${url}: ${response.status}`);
  if (response.status === 401) throw new NotReady("authentication_required");
  if (response.status === 403) throw new NotReady("forbidden");
  if (response.status === 404) throw new NotReady("not_announced", NOT_ANNOUNCED_POLL_MS);
  throw new Error(`${url}: ${response.status}`);
}
