import assert from "node:assert/strict";
import { test } from "node:test";

import { connect } from "#client";
import type { Options } from "#client";
import { followMoves } from "../src/cells.ts";
import { FakePlatform, goodbye, matchSnapshot, settled } from "./fake-platform.ts";

const CELL = { socket_url: "wss://live-2.test/stage", http_url: "https://api-2.test" };

async function moved(options: Partial<Options>, endpoint: unknown): Promise<FakePlatform> {
  const platform = new FakePlatform();
  const own = { url: "wss://live-1.test/stage", match: "m1", platform, ...options };
  platform.answer = () => new Response(`{"ticket":"one"}`);
  followMoves(connect(own), own);
  await settled();
  platform.socket.welcome(matchSnapshot("m1", 4));
  await settled();
  platform.socket.deliver({ ...goodbye(4013, "moved", true), endpoint });
  await platform.advance(500);
  return platform;
}

test("after moved a client reconnects to the new cell and asks for what it has missed", async () => {
  const platform = await moved({}, CELL);
  assert.equal(platform.socket.url.host, "live-2.test");
  platform.socket.welcome();
  await settled();
  const { type, match_id, since } = platform.socket.sent.at(-1)!;
  assert.deepEqual({ type, match_id, since }, { type: "subscribe", match_id: "m1", since: 4 });
});

test("tickets are taken from the new cell's HTTP API", async () => {
  const platform = await moved({ http: "https://api-1.test", token: () => "JWT" }, CELL);
  assert.equal(platform.requests.at(-1)!.url, "https://api-2.test/tickets");
});

for (const endpoint of [
  { ...CELL, socket_url: "ws://live-2.test" },
  { ...CELL, http_url: "http://api-2.test" },
  { socket_url: "wss://live-2.test" },
  null,
]) {
  test(`a token never leaves TLS: ${JSON.stringify(endpoint)}`, async () => {
    const platform = await moved({}, endpoint);
    assert.equal(platform.socket.url.host, "live-1.test");
  });
}
