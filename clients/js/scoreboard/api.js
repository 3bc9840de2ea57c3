/** What the page reads over HTTP. */

import { NoAddress } from "./socket.js";

const NOT_ANNOUNCED_POLL_MS = 2000;

/** Where the servers are, and what to watch; the page's own query overrides what the site says. */
export async function readConfig(query) {
  const config = await read("config.json");
  return {
    wsUrl: config.ws_url,
    httpUrl: config.http_url.replace(/\/+$/, ""),
    tournamentId: query.get("tournament") ?? config.tournament_id,
    matchId: query.get("match"),
    token: query.get("token") ?? config.token,
  };
}

export function socketUrl({ wsUrl, tournamentId, matchId, token }) {
  const url = new URL(wsUrl);
  url.searchParams.set(...(matchId ? ["match_id", matchId] : ["tournament_id", tournamentId]));
  url.searchParams.set("token", token);
  return url.href;
}

/** The tournament, or the one match as a nameless tournament. */
export async function readListing({ httpUrl, tournamentId, matchId, token }) {
  const [kind, id] = matchId ? ["matches", matchId] : ["tournaments", tournamentId];
  const url = `${httpUrl}/${kind}/${encodeURIComponent(id)}`;
  const listing = await read(url, { authorization: `Bearer ${token}` });
  return matchId ? { matches: [listing] } : listing;
}

async function read(url, headers = {}) {
  const answer = await fetch(url, { headers, cache: "no-store" });
  if (answer.status === 401) throw new NoAddress("authentication_required");
  if (answer.status === 403) throw new NoAddress("forbidden");
  if (answer.status === 404) throw new NoAddress("not_announced", NOT_ANNOUNCED_POLL_MS);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.json();
}
