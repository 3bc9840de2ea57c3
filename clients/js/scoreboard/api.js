/** HTTP requests of the pages. */

/** Between once and twice the delay, so that pages do not ask at the same time. */
export const withJitter = (delayMs) => delayMs * (1 + Math.random());

const NOT_ANNOUNCED_POLL_MS = 2000;
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
    structureUrl: config.structure_url ?? null,
    tournamentId: idIn(query, "tournament") ?? config.tournament_id,
    matchId: idIn(query, "match"),
    token: query.get("token") ?? config.token ?? null,
  };
}

/** The tournament, or the one match, as the HTTP API has it. */
export function readListing({ httpUrl, tournamentId, matchId, token }) {
  const [kind, id] = matchId ? ["matches", matchId] : ["tournaments", tournamentId];
  const url = `${httpUrl}/${kind}/${id}`;
  return read(url, token ? { authorization: `Bearer ${token}` } : {});
}

/** Groups and rounds; null if the site has none. */
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
