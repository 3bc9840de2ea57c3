import assert from "node:assert/strict";
import { test } from "node:test";
import { connectOrPoll } from "#overflow";
import { FakePlatform, Recorder, goodbye, matchSnapshot, settled } from "./fake-platform.ts";

const FULL = { type: "error", code: "room_full", message: "Full.", retry_after_ms: 10_000 };
const HTTP = "https://api.example/";

/** A room that holds `capacity`, and a match whose snapshot has a sequence that the test sets. */
class Venue {
  readonly platform = new FakePlatform();
  sequence = 4;
  viewers = 5;
  status = 200;
  readonly reads: { path: string; tag: string | null }[] = [];

  constructor() {
    this.platform.fetch = async (url, init) => {
      const path = url.replace(HTTP, "");
      const tag = new Headers(init.headers).get("if-none-match");
      this.reads.push({ path, tag });
      if (path.startsWith("rooms/")) return Response.json({ capacity: 5, viewers: this.viewers });
      const etag = `"${this.sequence}"`;
      if (tag === etag) return new Response(null, { status: 304 });
      return Response.json(matchSnapshot("m1", this.sequence), { status: this.status, headers: { etag } });
    };
  }

  open(): Recorder {
    const { platform } = this;
    return new Recorder(connectOrPoll({ url: "wss://host/live", http: HTTP, match: "m1", platform }));
  }

  /** The server has no place for the socket that is being opened. */
  async refuse(): Promise<void> {
    await settled();
    this.platform.socket.welcome();
    this.platform.socket.deliver(FULL);
    this.platform.socket.deliver(goodbye(4008, "room_full", true, 10_000));
    await settled();
  }

  snapshotReads(): number {
    return this.reads.filter(({ path }) => path === "matches/m1").length;
  }
}

test("a connection to a room with places is as any other", async () => {
  const venue = new Venue();
  const recorder = venue.open();
  await settled();
  venue.platform.socket.welcome(matchSnapshot("m1", 4));
  await settled();
  assert.deepEqual([recorder.events, recorder.statuses], [["snapshot 4"], ["live"]]);
  assert.deepEqual(venue.reads, []);
});

test("a full room is polled, with the tag of the last snapshot, and the socket is given up", async () => {
  const venue = new Venue();
  const recorder = venue.open();
  await venue.refuse();
  await venue.platform.advance(0);
  assert.deepEqual(recorder.takeEvents(), ["snapshot 4"]);
  assert.equal(recorder.connection.status.phase, "polling");
  assert.equal(recorder.connection.status.reason, "room_full");
  assert.equal(venue.platform.socket.isClosed, true);
  venue.sequence = 5;
  await venue.platform.advance(2_000);
  assert.deepEqual(recorder.takeEvents(), ["snapshot 5"]);
  assert.deepEqual(venue.reads.map(({ tag }) => tag), [null, '"4"']);
  assert.equal(venue.platform.sockets.length, 1);
});

test("while nothing changes it asks less often, and at once as before when something does", async () => {
  const venue = new Venue();
  const recorder = venue.open();
  await venue.refuse();
  await venue.platform.advance(60_000);
  const quiet = venue.snapshotReads();
  assert.ok(quiet >= 8 && quiet <= 10, `${quiet} reads in a minute`);
  assert.deepEqual(recorder.takeEvents(), ["snapshot 4"]);
  venue.sequence = 5;
  await venue.platform.advance(10_000);
  assert.deepEqual(recorder.takeEvents(), ["snapshot 5"]);
  const before = venue.snapshotReads();
  venue.sequence = 6;
  await venue.platform.advance(3_000);
  assert.ok(venue.snapshotReads() > before);
});

test("clients that were refused together do not ask together", async () => {
  const venue = new Venue();
  venue.platform.jitter = () => 0.5;
  venue.open();
  await venue.refuse();
  await venue.platform.advance(2_499);
  assert.equal(venue.snapshotReads(), 1);
  await venue.platform.advance(1);
  assert.equal(venue.snapshotReads(), 2);
});

test("it comes in when there is a place, and polls no more", async () => {
  const venue = new Venue();
  const recorder = venue.open();
  await venue.refuse();
  await venue.platform.advance(30_000);
  assert.equal(venue.platform.sockets.length, 1); // there is none
  venue.viewers = 4;
  await venue.platform.advance(10_000);
  assert.equal(venue.platform.sockets.length, 2);
  assert.equal(recorder.connection.status.phase, "polling");
  venue.platform.socket.welcome(matchSnapshot("m1", 9));
  await settled();
  assert.equal(recorder.connection.status.phase, "live");
  assert.equal(recorder.takeEvents().at(-1), "snapshot 9");
  const before = venue.reads.length;
  await venue.platform.advance(20_000);
  assert.equal(venue.reads.length, before);
  assert.deepEqual(recorder.statuses, ["live", "polling: room_full", "live"]);
});

test("one free place is not for everyone", async () => {
  const venue = new Venue();
  venue.viewers = 4;
  venue.platform.jitter = () => 0.4; // 2 × 1 of 5 is not above it
  venue.open();
  await venue.refuse();
  await venue.platform.advance(60_000);
  assert.equal(venue.platform.sockets.length, 1);
});

test("an attempt that comes too late goes on polling", async () => {
  const venue = new Venue();
  const recorder = venue.open();
  await venue.refuse();
  venue.viewers = 4;
  await venue.platform.advance(10_000);
  await venue.refuse();
  assert.equal(venue.platform.sockets.length, 2);
  assert.equal(venue.platform.socket.isClosed, true);
  assert.deepEqual(recorder.statuses, ["live", "polling: room_full"]);
  await venue.platform.advance(10_000);
  assert.equal(venue.platform.sockets.length, 3);
});

test("a room that is full after a reconnect is polled, after what a cache may have kept", async () => {
  const venue = new Venue();
  const recorder = venue.open();
  await settled();
  venue.platform.socket.welcome(matchSnapshot("m1", 4));
  await settled();
  venue.platform.socket.cut();
  await venue.platform.advance(500);
  venue.platform.socket.welcome();
  await settled();
  venue.platform.socket.refuse("subscribe", "room_full", { retry_after_ms: 10_000 });
  await settled();
  assert.equal(recorder.connection.status.phase, "polling");
  await venue.platform.advance(1_999);
  assert.equal(venue.snapshotReads(), 0);
  venue.sequence = 6;
  await venue.platform.advance(1);
  assert.deepEqual(recorder.takeEvents(), ["snapshot 4", "snapshot 6"]);
  venue.platform.socket.event("score_updated", 7); // of a place that was given meanwhile
  await venue.platform.advance(8_000);
  venue.platform.socket.subscribed(matchSnapshot("m1", 8));
  await settled();
  assert.equal(recorder.connection.status.phase, "live");
});

test("scores that cannot be read for long are stale", async () => {
  const venue = new Venue();
  const recorder = venue.open();
  await venue.refuse();
  await venue.platform.advance(1_000);
  venue.status = 500;
  venue.sequence = 5;
  await venue.platform.advance(20_000);
  assert.equal(recorder.connection.status.isStale, false);
  await venue.platform.advance(25_000);
  assert.equal(recorder.connection.status.isStale, true);
  venue.status = 200;
  await venue.platform.advance(10_000);
  assert.equal(recorder.connection.status.isStale, false);
});

test("a full room is left by unsubscribe, and nothing is read any more", async () => {
  const venue = new Venue();
  const recorder = venue.open();
  await venue.refuse();
  await recorder.connection.unsubscribe({ match: "m1" });
  await settled();
  assert.equal(recorder.connection.status.phase, "connecting");
  assert.equal(venue.platform.socket.url.search, "");
  const before = venue.reads.length;
  await venue.platform.advance(5_000);
  assert.equal(venue.reads.length, before);
});

test("a room that is full when it is subscribed to again is polled", async () => {
  const venue = new Venue();
  const recorder = venue.open();
  await venue.refuse();
  await recorder.connection.unsubscribe({ match: "m1" });
  await settled();
  venue.platform.socket.welcome();
  await settled();
  const entering = recorder.connection.subscribe({ match: "m1" });
  venue.platform.socket.refuse("subscribe", "room_full");
  await assert.rejects(entering, { code: "room_full" });
  assert.equal(recorder.connection.status.phase, "polling");
  venue.viewers = 3;
  await venue.platform.advance(10_000);
  venue.platform.socket.subscribed(matchSnapshot("m1", 8));
  await settled();
  assert.equal(recorder.connection.status.phase, "live");
});

test("close ends it for good", async () => {
  const venue = new Venue();
  const recorder = venue.open();
  await venue.refuse();
  recorder.connection.close();
  assert.equal(recorder.connection.status.phase, "closed");
  const before = venue.reads.length;
  await venue.platform.advance(60_000);
  assert.equal(venue.reads.length, before);
  assert.equal(venue.platform.timers, 0);
});
