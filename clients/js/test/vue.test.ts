/** The composables follow the room, and end with their scope. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { effectScope, nextTick, ref } from "vue";
import { useConnection, useMatch, useStatus, useTournament } from "#vue";

import { FakePlatform, matchSnapshot, settled, subscribedData, tournamentSnapshot } from "./fake-platform.ts";

test("a match's state follows its id and its room, and everything ends with the scope", async () => {
  const platform = new FakePlatform();
  platform.onSocket = (socket) => {
    socket.onSent = ({ type, id, match_id }) => {
      const snapshot = match_id ? matchSnapshot(match_id as string, 3) : tournamentSnapshot(1, { m1: 3 });
      if (type === "subscribe") queueMicrotask(() => socket.deliver({ type: "subscribed", id, data: subscribedData(snapshot) }));
    };
  };
  const id = ref("m1");
  const scope = effectScope();
  const { connection, match, status, cup } = scope.run(() => {
    const connection = useConnection({ url: "wss://host/live", platform });
    return { connection, match: useMatch(connection, id), status: useStatus(connection), cup: useTournament(connection, "t1") };
  })!;
  await settled();
  platform.socket.welcome();
  await settled();
  assert.deepEqual([status.value.phase, match.value.match?.match_id, cup.value.matches.size], ["live", "m1", 1]);
  platform.socket.event("score_updated", 4, { participant1_score: 8 });
  assert.equal(match.value.match?.participant1_score, 8);
  id.value = "m2";
  await nextTick();
  await settled();
  assert.equal(match.value.match?.match_id, "m2");
  scope.stop();
  assert.equal(connection.status.phase, "closed");
});
