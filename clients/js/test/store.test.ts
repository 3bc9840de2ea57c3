/** The store's state follows the room, and keeps its identity while nothing changes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { isDescribed } from "#reducer";
import { matchStore, tournamentStore } from "#store";
import type { Match, TournamentStore } from "#store";
import type { Connection } from "#client";

import { FakePlatform, eventMessage, settled, tournamentSnapshot } from "./fake-platform.ts";

const participants = [{ id: "mexico", name: "Mexico" }, { id: "ghana", name: "Ghana" }];
const listed = (match_id: string, more: object = {}): Match => ({
  match_id, participants, scheduled_at: "2026-06-11T13:00:00-06:00", state: "scheduled", participant1_score: 0,
  participant2_score: 0, details: null, winner_id: null, sequence: 0, ...more,
});
const summary = (match_id: string, more: object = {}): object => {
  const { participants: names, scheduled_at, ...rest } = listed(match_id, more);
  return rest;
};
const cup = (...matches: object[]): object => ({ ...tournamentSnapshot(1), matches });
const score = ({ participant1_score, participant2_score }: Match): number[] => [participant1_score, participant2_score];

interface Room {
  platform: FakePlatform;
  connection: Connection;
  store: TournamentStore;
  m1(): Match;
  /** Send an event of match m1. */
  event(type: string, sequence: number, data?: object): void;
}

/** A listening store, live in the tournament's room with this snapshot. */
async function room(snapshot: object = cup(summary("m1"))): Promise<Room> {
  const platform = new FakePlatform();
  const connection = platform.connect({ tournament: "t1" });
  const store = tournamentStore(connection, "t1");
  store.subscribe(() => {});
  await settled();
  platform.socket.welcome(snapshot);
  await settled();
  const event = (type: string, sequence: number, data: object = {}) => {
    // The order of events is the connection's business; here each is the next one.
    platform.socket.event(type, sequence, data);
  };
  return { platform, connection, store, event, m1: () => store.state.matches.get("m1")! };
}

test("a snapshot brings matches, viewers and the tournament", async () => {
  const { store } = await room(cup(summary("m1", { state: "live", participant1_score: 2, sequence: 5 }), summary("m2")));
  assert.deepEqual([...store.state.matches.keys()], ["m1", "m2"]);
  assert.deepEqual(score(store.state.matches.get("m1")!), [2, 0]);
  assert.deepEqual([store.state.viewers, store.state.tournament!.name, store.state.status.phase], [7, "Cup", "live"]);
});

test("a match is started, paused, scored and completed", async () => {
  const { event, m1 } = await room();
  event("match_started", 1);
  assert.equal(m1().state, "live");
  event("match_state_changed", 2, { new_state: "paused" });
  event("score_updated", 3, { participant1_score: 1, participant2_score: 1, details: { minute: "90+4" }, revision: 7 });
  assert.deepEqual([m1().state, m1().revision, m1().details], ["paused", 7, { minute: "90+4" }]);
  event("match_completed", 4, { winner_id: "ghana", participant1_score: 1, participant2_score: 2 });
  assert.deepEqual([m1().state, m1().winner_id, ...score(m1())], ["completed", "ghana", 1, 2]);
  assert.equal("new_state" in m1(), false);
});

test("a score without details clears the previous scorer, and what stands comes with each score", async () => {
  const { event, m1 } = await room();
  event("score_updated", 1, { participant1_score: 1, participant2_score: 0, details: { scorer: "Ann" }, periods: [1] });
  event("score_updated", 2, { participant1_score: 2, participant2_score: 0, periods: [1] });
  assert.deepEqual([m1().details, m1().periods], [null, [1]]);
  event("score_updated", 3, { participant1_score: 2, participant2_score: 0 });
  assert.equal(m1().periods, undefined);
});

test("a score of a match whose start was missed makes it live", async () => {
  const { event, m1 } = await room();
  event("score_updated", 1, { participant1_score: 1, participant2_score: 0 });
  assert.equal(m1().state, "live");
});

test("the state that an event names counts, whatever its type", async () => {
  const { event, m1 } = await room();
  event("match_state_changed", 1, { old_state: "live", new_state: "disputed" });
  assert.equal(m1().state, "disputed");
  event("match_state_changed", 2, { state: "completed" });
  event("match_updated", 3, { participants: [{ id: "a", name: "A" }], scheduled_at: null });
  assert.deepEqual([m1().state, m1().participants![0]!.name, m1().scheduled_at], ["completed", "A", null]);
  event("result_amended", 4, { before: { winner_id: null }, after: { winner_id: "a", participant1_score: 9 }, reason: "Typo" });
  assert.deepEqual([m1().winner_id, m1().participant1_score, "reason" in m1()], ["a", 9, false]);
});

test("a dispute leaves the state as it is, and is counted", async () => {
  const { event, m1 } = await room();
  event("match_started", 1);
  event("dispute_created", 2, { dispute_id: "d1", status: "open", open_disputes: 1 });
  assert.deepEqual([m1().state, m1().open_disputes, "dispute_id" in m1()], ["live", 1, false]);
  event("dispute_resolved", 3, { dispute_id: "d1", resolution: "upheld", open_disputes: 0 });
  assert.deepEqual([m1().state, m1().open_disputes, "resolution" in m1()], ["live", 0, false]);
});

test("an end that is taken back leaves no result", async () => {
  const { event, m1 } = await room();
  event("match_completed", 1, { winner_id: "a", outcome: "walkover", decided_by: null, participant1_score: 3, revision: 4 });
  event("match_reopened", 2, {
    old_state: "completed", new_state: "scheduled", winner_id: null, outcome: null, decided_by: null,
    participant1_score: 0, revision: 5, reason: "Not a walkover",
  });
  assert.deepEqual([m1().state, m1().winner_id, m1().outcome, m1().participant1_score, m1().revision], ["scheduled", null, null, 0, 5]);
});

test("the state is the same object until something changes, and so is each match", async () => {
  const snapshot = cup(summary("m1", { sequence: 1 }), summary("m2"));
  const { platform, store, event } = await room(snapshot);
  const { state } = store;
  const m2 = state.matches.get("m2");
  event("score_updated", 1, { participant1_score: 9 });
  platform.socket.deliver({ type: "pong" });
  store.load({ matches: [] });
  assert.ok(store.state === state);
  event("score_updated", 2, { participant1_score: 1 });
  assert.ok(store.state !== state && store.state.matches !== state.matches);
  assert.ok(store.state.matches.get("m2") === m2);
  assert.equal(state.matches.get("m1")!.participant1_score, 0);
});

test("a listener is called after every change, until it is removed", async () => {
  const { store, event } = await room();
  const seen: number[] = [];
  const stop = store.subscribe(() => seen.push(store.state.matches.get("m1")!.participant1_score));
  event("score_updated", 1, { participant1_score: 1 });
  assert.equal(seen.at(-1), 1);
  const before = seen.length;
  stop();
  event("score_updated", 2, { participant1_score: 2 });
  assert.equal(seen.length, before);
});

test("a listing brings names, and scores only if the socket is not newer", async () => {
  const { store, event, m1 } = await room();
  event("score_updated", 1, { participant1_score: 2 });
  store.load({ name: "World Cup", matches: [listed("m1"), listed("m3")] });
  assert.deepEqual([m1().participants![1]!.name, m1().participant1_score], ["Ghana", 2]);
  store.load({ matches: [listed("m1", { sequence: 8, participant1_score: 3 })] });
  assert.equal(m1().participant1_score, 3);
  assert.deepEqual([store.state.tournament!.name, store.state.matches.size], ["World Cup", 2]);
});

test("a snapshot without details keeps those of its sequence and clears older ones", async () => {
  const { platform, store, event, m1 } = await room();
  event("score_updated", 1, { participant1_score: 1, details: { scorer: "Ann" } });
  const { details, ...bare } = summary("m1", { sequence: 1, participant1_score: 1, state: "live" }) as Match;
  const resubscribe = async (sequence: number) => {
    void store.loadHistory();
    platform.socket.subscribed(cup({ ...bare, sequence }));
    await settled();
  };
  await resubscribe(1);
  assert.deepEqual(m1().details, { scorer: "Ann" });
  await resubscribe(2);
  assert.equal(m1().details, null);
});

test("after a reconnect the snapshot of a restored server wins", async () => {
  const { platform, event, m1 } = await room(cup(summary("m1", { sequence: 40, participant1_score: 5 })));
  event("score_updated", 41, { participant1_score: 6 });
  platform.socket.cut();
  await platform.advance(1_000);
  platform.socket.welcome();
  await settled();
  platform.socket.subscribed(cup(summary("m1", { sequence: 2, participant1_score: 1 })));
  await settled();
  assert.equal(m1().participant1_score, 1);
  event("score_updated", 3, { participant1_score: 2 });
  assert.equal(m1().participant1_score, 2);
});

test("a timeline has events, snapshots and history, each once and in order", async () => {
  const { platform, store, event } = await room(cup(summary("m1", { sequence: 2 })));
  event("score_updated", 3, { participant1_score: 1 });
  void store.loadHistory({ match: "m1" });
  const events = [eventMessage("match_started", 1), eventMessage("score_updated", 3)];
  platform.socket.answer("subscribe", { tournament_id: "t1", snapshot: listed("m1", { sequence: 3 }), viewers: 1, recovered: true, events });
  await settled();
  const types = store.state.timelines.get("m1")!.map(({ type }) => type);
  assert.deepEqual(types, ["match_started", "snapshot", "score_updated"]);
});

test("bracket events and viewers of this room only", async () => {
  const { platform, store } = await room();
  platform.socket.deliver({ type: "bracket_updated", data: { tournament_id: "t1", sequence: 2, rounds: [] } });
  assert.deepEqual(store.state.bracket, { tournament_id: "t1", sequence: 2, rounds: [] });
  platform.socket.deliver({ type: "viewers", data: { room: "tournament", match_id: null, tournament_id: "t1", count: 12, sequence: 2 } });
  assert.equal(store.state.viewers, 12);
});

test("a match's store has its match and timeline, and the same state until they change", async () => {
  const platform = new FakePlatform();
  const { connection } = await platform.live({ match: "m1" }, 4);
  const store = matchStore(connection, "m1");
  store.subscribe(() => {});
  platform.socket.subscribed(listed("m1", { sequence: 4, tournament_id: "t1" }));
  await settled();
  const { state } = store;
  assert.deepEqual([state.match!.sequence, state.timeline.length, state.viewers, state.error], [4, 1, 7, null]);
  platform.socket.event("score_updated", 5, { match_id: "m2" });
  assert.ok(store.state === state);
  platform.socket.event("score_updated", 5, { participant1_score: 3 });
  assert.deepEqual([store.state.match!.participant1_score, store.state.timeline.length], [3, 2]);
});

test("a match's state is the same while only what its tournament's bracket says of it changes", async () => {
  const { platform, connection } = await room();
  const store = matchStore(connection, "m1");
  store.subscribe(() => {});
  platform.socket.subscribed(listed("m1", { sequence: 4, tournament_id: "t1" }));
  await settled();
  const { state } = store;
  platform.socket.deliver({ type: "bracket_updated", data: { tournament_id: "t1", match_id: "m1", sequence: 2 } });
  assert.ok(store.state === state);
});

test("two components share a store, and the room is left a second after the last one", async (context) => {
  const platform = new FakePlatform();
  const { connection } = await platform.live({});
  const store = matchStore(connection, "m1");
  const stops = [store, matchStore(connection, "m1")].map((each) => each.subscribe(() => {}));
  assert.equal(platform.socket.sentOf("subscribe").length, 1);
  platform.socket.subscribed(listed("m1", { sequence: 4 }));
  await settled();
  context.mock.timers.enable({ apis: ["setTimeout"] });
  for (const stop of stops) stop();
  context.mock.timers.tick(999);
  store.subscribe(() => {})(); // a remount, as in StrictMode: the second begins anew
  context.mock.timers.tick(999);
  assert.equal(platform.socket.sentOf("unsubscribe").length, 0);
  context.mock.timers.tick(1);
  assert.equal(platform.socket.sentOf("unsubscribe").length, 1);
  store.subscribe(() => {})();
  await settled();
  assert.equal(platform.socket.sentOf("subscribe").length, 2);
});

test("a refused room has the error's code", async () => {
  const platform = new FakePlatform();
  const { connection } = await platform.live({});
  const store = matchStore(connection, "nowhere");
  store.subscribe(() => {});
  platform.socket.refuse("subscribe", "not_found");
  await settled();
  assert.equal(store.state.error, "not_found");
});

test("an initial snapshot is shown before the connection is live", () => {
  const connection = new FakePlatform().connect({});
  assert.equal(matchStore(connection, "m1", listed("m1", { participant1_score: 4 })).state.match!.participant1_score, 4);
  connection.close();
});

const registered = { participants, scheduled_at: "2026-06-12T13:00:00Z", state: "scheduled" };

test("M5: a rescheduled match has its new kick-off and keeps its score", async () => {
  const { event, m1 } = await room();
  event("match_registered", 1, registered);
  event("match_started", 2);
  event("score_updated", 3, { participant1_score: 1, participant2_score: 0 });
  event("match_updated", 4, { ...registered, state: undefined, scheduled_at: "2026-06-13T13:00:00Z", changed: ["scheduled_at"] });
  assert.deepEqual([m1().scheduled_at, m1().state, ...score(m1())], ["2026-06-13T13:00:00Z", "live", 1, 0]);
  assert.deepEqual([isDescribed(m1()), "changed" in m1()], [true, false]);
});

test("M5: a snapshot of a later registration says that the known names are old, until a listing has the new", async () => {
  const { platform, store, m1 } = await room(cup(summary("m1", { registration: 1, sequence: 1 })));
  assert.equal(isDescribed(m1()), false);
  store.load({ matches: [listed("m1", { registration: 1, sequence: 1 })] });
  assert.equal(isDescribed(m1()), true);
  void store.loadHistory();
  await settled();
  platform.socket.subscribed(cup(summary("m1", { registration: 2, sequence: 2 })));
  await settled();
  assert.deepEqual([isDescribed(m1()), m1().participants], [false, participants]);
  store.load({ matches: [listed("m1", { registration: 2, sequence: 2, scheduled_at: "2026-06-13T13:00:00Z" })] });
  assert.deepEqual([isDescribed(m1()), m1().scheduled_at], [true, "2026-06-13T13:00:00Z"]);
});

test("an old listing does not undo a change that an event has brought", async () => {
  const { store, event, m1 } = await room();
  event("match_updated", 1, { ...registered, changed: ["scheduled_at"] });
  store.load({ matches: [listed("m1")] });
  assert.equal(m1().scheduled_at, registered.scheduled_at);
});

test("M10: a deleted match leaves the list", async () => {
  const { store, event } = await room(cup(summary("m1"), summary("m2")));
  event("match_deleted", 1);
  assert.deepEqual([...store.state.matches.keys()], ["m2"]);
});

test("a match that a whole list lacks was deleted; one that this socket has named was not", async () => {
  const { store, event } = await room({ ...cup(summary("m1")), complete: false });
  store.load({ matches: [listed("m1"), listed("m2"), listed("m3")] });
  event("match_started", 1, { match_id: "m3" });
  store.load({ matches: [listed("m1")], complete: false });
  assert.deepEqual([...store.state.matches.keys()], ["m1", "m2", "m3"]);
  store.load({ matches: [listed("m1")], complete: true });
  assert.deepEqual([...store.state.matches.keys()], ["m1", "m3"]);
});
