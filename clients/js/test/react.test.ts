/** The hooks in a document, in StrictMode, and on a server. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Window } from "happy-dom";
import { createElement as h, StrictMode, act } from "react";
import { renderToString } from "react-dom/server";
import { useConnection, useMatch, useStatus, useTournament } from "#react";
import type { Connection } from "#client";
import { LINGER_MS } from "#store";
import type { Match } from "#store";

import { FakePlatform, eventMessage, matchSnapshot, settled, subscribedData } from "./fake-platform.ts";

const window = new Window();
Object.assign(globalThis, { window, document: window.document, IS_REACT_ACT_ENVIRONMENT: true });
const { createRoot } = await import("react-dom/client");

const snapshot = matchSnapshot("m1", 4) as unknown as Match;

async function mount(element: ReturnType<typeof h>) {
  const container = document.createElement("div");
  const root = createRoot(container);
  await act(async () => root.render(element));
  return { container, unmount: () => act(async () => root.unmount()) };
}

test("a component shows each change of its match, and leaves the room when it is unmounted", async (context) => {
  const platform = new FakePlatform();
  const { connection } = await platform.live({});
  let renders = 0;
  const Score = ({ id }: { id: string }) => {
    renders += 1;
    const { match, status } = useMatch(connection, id);
    return h("p", null, `${match?.participant1_score ?? "–"} ${status.phase}`);
  };
  const { container, unmount } = await mount(h(StrictMode, null, h(Score, { id: "m1" }), h(Score, { id: "m1" })));
  assert.equal(platform.socket.sentOf("subscribe").length, 1);
  await act(async () => {
    platform.socket.subscribed(snapshot);
    await settled();
  });
  assert.equal(container.textContent, "4 live4 live");
  await act(async () => platform.socket.event("score_updated", 5, { participant1_score: 9 }));
  assert.equal(container.textContent, "9 live9 live");
  const before = renders;
  await act(async () => platform.socket.deliver({ type: "pong" }));
  assert.equal(renders, before);
  context.mock.timers.enable({ apis: ["setTimeout"] });
  await unmount();
  context.mock.timers.tick(LINGER_MS);
  assert.equal(platform.socket.sentOf("unsubscribe").length, 1);
});

test("a connection lives as long as its component, in StrictMode too", async () => {
  const platform = new FakePlatform();
  const seen: (Connection | null)[] = [];
  const App = () => {
    const connection = useConnection({ url: "wss://host/live", platform });
    seen.push(connection);
    return h("p", null, useStatus(connection).phase);
  };
  const { container, unmount } = await mount(h(StrictMode, null, h(App)));
  await act(async () => {
    await settled();
    platform.socket.welcome();
    await settled();
  });
  assert.equal(container.textContent, "live");
  await unmount();
  assert.equal(seen.at(-1)!.status.phase, "closed");
  assert.ok(platform.sockets.every(({ isClosed }) => isClosed));
});

test("a server renders the initial state without a connection", () => {
  const platform = new FakePlatform();
  const Page = () => {
    const connection = useConnection({ url: "wss://host/live", platform });
    const { match, status } = useMatch(connection, "m1", snapshot);
    const { matches } = useTournament(connection, "t1", { matches: [snapshot] });
    return h("p", null, `${match!.participant1_score} ${status.phase} ${matches.size}`);
  };
  assert.equal(renderToString(h(Page)), "<p>4 connecting 1</p>");
  assert.equal(platform.sockets.length, 0);
});

test("another id shows another match", async () => {
  const platform = new FakePlatform();
  const { connection } = await platform.live({});
  platform.socket.onSent = ({ type, id, match_id }) => {
    const data = subscribedData(matchSnapshot(match_id as string, match_id === "m1" ? 1 : 2));
    if (type === "subscribe") queueMicrotask(() => platform.socket.deliver({ type: "subscribed", id, data }));
  };
  const Score = ({ id }: { id: string }) => h("p", null, String(useMatch(connection, id).match?.participant1_score));
  const container = document.createElement("div");
  const root = createRoot(container);
  for (const [id, score] of [["m1", "1"], ["m2", "2"]] as const) {
    await act(async () => {
      root.render(h(Score, { id }));
      await settled();
    });
    await act(settled);
    assert.equal(container.textContent, score);
  }
  await act(async () => platform.socket.deliver(eventMessage("score_updated", 2, { participant1_score: 7 })));
  assert.equal(container.textContent, "2");
  await act(async () => root.unmount());
  connection.close();
});
