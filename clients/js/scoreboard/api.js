/** What the pages read over HTTP. */

/** A wait of about so long: not all pages ask at once. */
export const about = (delayMs) => delayMs * (1 + Math.random());

const NOT_ANNOUNCED_POLL_MS = 2000;
const ID = /^[\w-]{1,64}$/;

/** Why there is nothing to show: for good, or (`retryAfterMs`) for a while. */
export class NotReady extends Error {
  constructor(reason, retryAfterMs = null) {
    super(reason);
    Object.assign(this, { reason, retryAfterMs });
  }
}

/** Where the servers are, and what to watch; the page's own query overrides what the site says. */
export async function readConfig(query) {
  const config = await read("config.json");
  return {
    wsUrl: config.ws_url,
    httpUrl: config.http_url.replace(/\/+$/, ""),
    structureUrl: config.structure_url ?? null,
    tournamentId: idIn(query, "tournament") ?? config.tournament_id,
    matchId: idIn(query, "match"),
    token: query.get("token") ?? config.token,
  };
}

/** The tournament, or the one match as a nameless tournament. */
export async function readListing({ httpUrl, tournamentId, matchId, token }) {
  const [kind, id] = matchId ? ["matches", matchId] : ["tournaments", tournamentId];
  const url = `${httpUrl}/${kind}/${id}`;
  const listing = await read(url, { authorization: `Bearer ${token}` });
  return matchId ? { matches: [listing] } : listing;
}

/** Groups and rounds, where the site knows them; null where it does not. */
export function readStructure({ structureUrl, tournamentId }) {
  if (!structureUrl) return null;
  return read(`${structureUrl}?tournament=${tournamentId}`).catch(() => null);
}

function idIn(query, name) {
  const id = query.get(name);
  if (id !== null && !ID.test(id)) throw new NotReady(`bad_${name}`);
  return id;
}

export async function read(url, headers = {}) {
  const answer = await fetch(url, { headers, cache: "no-store" });
  if (answer.status === 401) throw new NotReady("authentication_required");
  if (answer.status === 403) throw new NotReady("forbidden");
  if (answer.status === 404) throw new NotReady("not_announced", NOT_ANNOUNCED_POLL_MS);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.json();
}
