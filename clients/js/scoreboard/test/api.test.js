import assert from "node:assert/strict";
import { test } from "node:test";
import { NotReady, readConfig, readListing, withJitter } from "../api.js";

/** Answers every request with `respond(url, init)`, and returns the requests. */
function withFetch(respond) {
  const requests = [];
  globalThis.fetch = async (url, init) => {
    requests.push({ url, headers: new Headers(init.headers) });
    return respond(url);
  };
  return requests;
}

const place = { httpUrl: "https://host/v1", tournamentId: "t1", matchId: null, token: "JWT" };

test("a delay is at least what was asked for, less than twice as long, and varies", () => {
  const waits = Array.from({ length: 100 }, () => withJitter(1000));
  assert.ok(waits.every((wait) => wait >= 1000 && wait < 2000));
  assert.ok(new Set(waits).size > 1);
});

test("a page without a token is anonymous", async () => {
  const requests = withFetch((url) =>
    Response.json(url === "config.json" ? { ws_url: "wss://host", http_url: "https://host/v1/", tournament_id: "t1" } : { matches: [] }),
  );
  const config = await readConfig(new URLSearchParams());
  await readListing(config);
  assert.equal(config.token, null);
  assert.equal(requests[1].url, "https://host/v1/tournaments/t1");
  assert.equal(requests[1].headers.has("authorization"), false);
});

test("a page with a token sends it", async () => {
  const requests = withFetch(() => Response.json({}));
  await readListing({ ...place, matchId: "m1" });
  assert.deepEqual([requests[0].url, requests[0].headers.get("authorization")], ["https://host/v1/matches/m1", "Bearer JWT"]);
});

test("the service's refusal is final, a proxy's is not", async () => {
  const refusals = [[401, "authentication_required", null], [403, "forbidden", null], [404, "not_announced", 2000]];
  for (const [status, reason, retryAfterMs] of refusals) {
    withFetch(() => Response.json({ code: "any" }, { status }));
    await assert.rejects(readListing(place), { reason, retryAfterMs });
    withFetch(() => new Response("<h1>Blocked</h1>", { status }));
    await assert.rejects(readListing(place), (error) => !(error instanceof NotReady));
  }
});

test("a link that names nothing is not requested", async () => {
  withFetch(() => Response.json({ ws_url: "", http_url: "" }));
  await assert.rejects(readConfig(new URLSearchParams("match=no such id")), { reason: "bad_match" });
});

test("M11: of a tournament with too many matches, those in play and the next ones are read too", async () => {
  const match = (match_id) => ({ match_id });
  const requests = withFetch((url) => {
    if (!url.includes("?")) return Response.json({ complete: false, matches: [match("first")] });
    return Response.json({ matches: url.includes("state=live") ? [match("live")] : url.includes("from=") ? [match("live"), match("next")] : [] });
  });
  const { matches } = await readListing(place);
  assert.deepEqual(matches.map(({ match_id }) => match_id), ["first", "live", "next"]);
  assert.ok(requests.every(({ url }) => url.startsWith("https://host/v1/tournaments/t1")));
});
