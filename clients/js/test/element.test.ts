/** The custom elements in a document. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Window } from "happy-dom";

import { FakePlatform, matchSnapshot, settled } from "./fake-platform.ts";

const window = new Window();
const platform = new FakePlatform();
const { CSSStyleSheet, HTMLElement, customElements, document } = window;
Object.assign(globalThis, { CSSStyleSheet, HTMLElement, customElements, document, WebSocket: FakeWebSocket });
await import("#element");

/** Stands in for the browser's: the elements open their own connections. */
function FakeWebSocket(url: string) {
  return platform.openSocket(url);
}

const participants = [{ id: "a", name: "<b>Ann</b>" }, { id: "b" }];

test("a score is shown as text, follows its match, and ends with its element", async () => {
  document.body.innerHTML = '<live-score url="wss://host/live" match="m1"></live-score><live-score url="wss://host/live" match="m1"></live-score>';
  await settled();
  assert.equal(platform.sockets.length, 1);
  platform.socket.welcome();
  await settled();
  platform.socket.subscribed({ ...matchSnapshot("m1", 4), participants, participant2_score: 2 });
  await settled();
  const [first, second] = [...document.querySelectorAll("live-score")];
  const board = () => first!.shadowRoot!.querySelector("dl")!;
  assert.deepEqual([...board().children].map((each) => each.textContent), ["<b>Ann</b>", "4", "b", "2"]);
  // Without a `style` element, which a strict content security policy would block.
  assert.equal(first!.shadowRoot!.adoptedStyleSheets.length, 1);
  assert.equal(first!.shadowRoot!.querySelector("style"), null);
  assert.deepEqual([first!.getAttribute("state"), first!.hasAttribute("stale")], ["live", false]);
  platform.socket.event("score_updated", 5, { participant1_score: 7 });
  assert.equal(board().children[1]!.textContent, "7");
  first!.remove();
  assert.ok(!platform.socket.isClosed);
  platform.socket.cut();
  assert.ok(second!.hasAttribute("stale"));
  second!.remove();
  document.body.append(second!);
  second!.remove();
});

test("a bracket draws the rounds of the latest bracket event, whatever they are made of", async () => {
  document.body.innerHTML = '<live-bracket url="wss://other/live" tournament="t1"></live-bracket>';
  await settled();
  platform.socket.welcome();
  await settled();
  const matches = [{ ...matchSnapshot("m1", 4), participants }];
  platform.socket.subscribed({ tournament_id: "t1", sequence: 1, matches });
  await settled();
  const rounds = [{ matches: [{ match_id: "m1" }, null, 7] }, null, { matches: "x" }];
  platform.socket.deliver({ type: "bracket_updated", data: { tournament_id: "t1", sequence: 2, rounds } });
  const bracket = document.querySelector("live-bracket")!;
  const columns = [...bracket.shadowRoot!.querySelectorAll("section")].map((column) => column.children.length);
  assert.deepEqual(columns, [1, 0, 0]);
  bracket.remove();
});
