/** The publisher against an HTTP API whose answers are the test's. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Publisher } from "#publisher";

interface Sent { method: string; path: string; headers: Headers; body: Record<string, unknown> | undefined }

const SERVER_DATE = "Fri, 27 Nov 2026 12:00:00 GMT";

function api(answer: (request: Sent, count: number) => Response | Promise<Response>) {
  const sent: Sent[] = [];
  const send = async (url: unknown, init: RequestInit = {}): Promise<Response> => {
    const path = new URL(String(url)).pathname;
    const request = { method: init.method!, path, headers: new Headers(init.headers), body: init.body ? JSON.parse(String(init.body)) : undefined };
    sent.push(request);
    return answer(request, sent.length);
  };
  return { sent, publisher: new Publisher("https://host/v1/", { token: async () => "JWT", fetch: send as typeof fetch }) };
}

const ok = (body: object): Response => Response.json(body, { headers: { date: SERVER_DATE } });

test("each call is the request that the HTTP API wants", async () => {
  const { sent, publisher } = api(() => ok({ match_id: "m1", revision: 1 }));
  await publisher.putTournament("t1", { name: "Cup" });
  await publisher.putMatch("m/1", { tournament_id: "t1", participants: [{ id: "a" }, { id: "b" }], scheduled_at: null });
  await publisher.start("m1");
  await publisher.changeState("m1", "paused");
  await publisher.dispute("m1", "Offside");
  await publisher.complete("m1", { winner: "a", score: [2, 1], outcome: "played" });
  await publisher.amend("m1", { score: [2, 2], winner: null, reason: "Offside" });
  await publisher.reopen("m1", "live", "Too early");
  await publisher.resolve("m1", "d1", "upheld", "Seen");
  await publisher.disputes("m1");
  await publisher.tournamentEvent("t1", { type: "bracket_updated", data: {} });
  await publisher.room("m1");
  await publisher.disconnectUser("u1");
  assert.deepEqual(sent.map(({ method, path }) => `${method} ${path}`), [
    "PUT /v1/tournaments/t1", "PUT /v1/matches/m%2F1", "POST /v1/matches/m1/events", "POST /v1/matches/m1/events",
    "POST /v1/matches/m1/events", "POST /v1/matches/m1/events", "POST /v1/matches/m1/events", "POST /v1/matches/m1/events",
    "POST /v1/matches/m1/events", "GET /v1/matches/m1/disputes", "POST /v1/tournaments/t1/events", "GET /v1/rooms/m1",
    "DELETE /v1/users/u1/connections",
  ]);
  assert.deepEqual(sent[5]!.body, { type: "match_complete", winner_id: "a", participant1_score: 2, participant2_score: 1, outcome: "played" });
  assert.deepEqual(sent[6]!.body, { type: "match_amend", reason: "Offside", winner_id: null, participant1_score: 2, participant2_score: 2 });
  assert.deepEqual(sent[7]!.body, { type: "match_reopen", new_state: "live", reason: "Too early" });
  assert.deepEqual(sent[8]!.body, { type: "dispute_resolve", dispute_id: "d1", resolution: "upheld", note: "Seen" });
  assert.ok(sent.every(({ headers }) => headers.get("authorization") === "Bearer JWT"));
});

test("a history is read page by page, from its first entry or after a revision", async () => {
  const pages = [{ entries: [{ type: "a" }, { type: "b" }], next: "2.0" }, { entries: [], next: "3.0" }, { entries: [{ type: "c" }], next: null }];
  const urls: string[] = [];
  const send = async (url: unknown): Promise<Response> => ok(pages[urls.push(String(url)) - 1]!);
  const publisher = new Publisher("https://host", { token: "JWT", fetch: send as typeof fetch });
  const types: string[] = [];
  for await (const entry of publisher.history("m1", { after: 1 })) types.push(entry.type);
  assert.deepEqual(types, ["a", "b", "c"]);
  assert.deepEqual(urls.map((url) => url.replace("https://host/matches/m1/", "")), ["history?after=1", "history?cursor=2.0", "history?cursor=3.0"]);
});

test("scores are ordered by the server's clock, whatever this machine's says", async () => {
  const { sent, publisher } = api(() => ok({ match_id: "m1", revision: 1 }));
  await Promise.all([1, 2].map((goals) => publisher.score("m1", [goals, 0], { details: { minute: goals } })));
  const scores = sent.filter(({ method }) => method === "PUT");
  const revisions = scores.map(({ body }) => Number(body!.client_revision) - Date.parse(SERVER_DATE));
  assert.ok(revisions[0]! >= 0 && revisions[0]! < 5_000 && revisions[1]! > revisions[0]!, String(revisions));
  assert.equal(new Set(scores.map(({ headers }) => headers.get("idempotency-key"))).size, 2);
});

test("a score that meets an outage is repeated under its key, a decisive event is not", async () => {
  const { sent, publisher } = api((request, count) => {
    if (count === 2) throw new TypeError("fetch failed");
    if (count === 3) return new Response("<h1>Bad gateway</h1>", { status: 502 });
    return request.method === "POST" ? new Response("", { status: 503 }) : ok({ match_id: "m1", revision: 1 });
  });
  await publisher.score("m1", [1, 0]);
  const keys = sent.slice(1).map(({ headers }) => headers.get("idempotency-key"));
  assert.equal(keys.length, 3);
  assert.equal(new Set(keys).size, 1);
  await assert.rejects(publisher.start("m1"), { name: "PublishError", status: 503, code: null });
  assert.equal(sent.length, 5);
});

test("a rate limit is waited for, a refusal is not repeated", async () => {
  const { sent, publisher } = api((_, count) => {
    if (count === 1) return Response.json({ code: "message_rate_limit_exceeded" }, { status: 429, headers: { "retry-after": "0.05" } });
    return Response.json({ code: "invalid_transition", detail: "The match is live.", state: "live" }, { status: 409 });
  });
  await assert.rejects(publisher.start("m1"), { status: 409, code: "invalid_transition", message: "POST matches/m1/events was answered 409: The match is live." });
  assert.equal(sent.length, 2);
});
