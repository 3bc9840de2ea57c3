/** The frameworks' pages and the example for React Native: each is built, run, and shows a score. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Window } from "happy-dom";
import { createElement as h, act } from "react";
import type { FunctionComponent } from "react";
import { renderToString } from "react-dom/server";
import { compileScript, parse } from "vue/compiler-sfc";

import { reactNative } from "#react-native";

import { AppState, changeState } from "./fakes/react-native.ts";
import NetInfo, { changeNetwork } from "./fakes/netinfo.ts";
import { blocksOf, load } from "./example.ts";
import { FakePlatform, matchSnapshot, settled } from "./fake-platform.ts";

const window = new Window();
let platform = new FakePlatform();
const { CSSStyleSheet, HTMLElement, customElements, document, Element, SVGElement } = window;
Object.assign(globalThis, { CSSStyleSheet, window, document, HTMLElement, customElements, Element, SVGElement, IS_REACT_ACT_ENVIRONMENT: true });
Object.assign(globalThis, { WebSocket: function (url: string) { return platform.openSocket(url); } });
Object.assign(globalThis, { fetch: async () => new Response(JSON.stringify(SNAPSHOT)) });
// Nothing closes what the examples have opened: their timers must not keep this process.
const { setTimeout: schedule } = globalThis;
Object.assign(globalThis, { setTimeout: (callback: () => void, delayMs: number) => schedule(callback, delayMs).unref() });
const { createRoot } = await import("react-dom/client");
const { createApp } = await import("vue");

const SNAPSHOT = { ...matchSnapshot("demo-1", 4), participant2_score: 0, participants: [{ id: "a", name: "Ann" }, { id: "b", name: "Bob" }] };

async function serve() {
  await settled();
  platform.socket.welcome();
  await settled();
  platform.socket.subscribed(SNAPSHOT);
  await settled();
}

async function mounted(Component: unknown, props: object) {
  platform = new FakePlatform();
  const container = document.createElement("div");
  const root = createRoot(container as never);
  await act(async () => root.render(h(Component as FunctionComponent, props)));
  await act(serve);
  return { container, unmount: () => act(async () => root.unmount()) };
}

test("React", async () => {
  const [code] = blocksOf("with-react.md", "tsx");
  const { Score } = await load(code!);
  const { container, unmount } = await mounted(Score, { id: "demo-1" });
  assert.match(container.textContent, /4 : /);
  await act(async () => platform.socket.event("score_updated", 5, { match_id: "demo-1", participant1_score: 9 }));
  assert.match(container.textContent, /9 : /);
  await unmount();
});

test("Next.js: the server's page has the score, and the browser's goes on from there", async () => {
  const [page, client] = blocksOf("with-nextjs.md", "tsx");
  const { Score } = await load(client!);
  Object.assign(globalThis, { Score });
  const { default: Page } = await load(page!.replace(/^import .*"\.\/score";$/m, "const { Score } = globalThis as any;"));
  const tree = await Page({ params: Promise.resolve({ id: "demo-1" }) });
  assert.match(renderToString(tree), /4/);
  const { container, unmount } = await mounted(() => tree, {});
  await act(async () => platform.socket.event("score_updated", 5, { match_id: "demo-1", participant1_score: 9 }));
  assert.match(container.textContent, /9/);
  await unmount();
});

test("Vue", async () => {
  const [source] = blocksOf("with-vue.md", "vue");
  const { descriptor } = parse(source!);
  const { content } = compileScript(descriptor, { id: "score", inlineTemplate: true });
  const { default: Score } = await load(content);
  platform = new FakePlatform();
  const container = document.createElement("div");
  const app = createApp(Score, { id: "demo-1" });
  app.mount(container as never);
  await serve();
  assert.match(container.textContent, /4 : /);
  app.unmount();
});

test("a custom element", async () => {
  const [markup] = blocksOf("with-element.md", "html");
  await import("#element");
  platform = new FakePlatform();
  document.body.innerHTML = markup!.replace(/<script[^]*?<\/script>/g, "");
  await serve();
  const shown = document.querySelector("live-score")!.shadowRoot!.querySelector("dl")!;
  assert.deepEqual([...shown.children].slice(0, 2).map((each) => each.textContent), ["Ann", "4"]);
  document.body.innerHTML = "";
});

test("plain JavaScript", async () => {
  const [code] = blocksOf("with-javascript.md", "js");
  platform = new FakePlatform();
  document.body.innerHTML = '<p id="score"></p>';
  await load(code!);
  await serve();
  assert.match(document.querySelector("#score")!.textContent, /4 : /);
});

const EXAMPLE = readFileSync(new URL("../examples/react-native/Score.tsx", import.meta.url), "utf8");

test("React Native: the page has the example", () => {
  assert.deepEqual(blocksOf("with-react-native.md", "tsx"), [EXAMPLE.replace(/^\/\*\*.*\n\n/, "")]);
});

test("React Native: nothing is reconnected in the background, and at once afterwards", async () => {
  const { Score, changeNetwork, changeState } = await load(
    `${EXAMPLE}\nexport { changeState } from "./test/fakes/react-native.ts"; export { changeNetwork } from "./test/fakes/netinfo.ts";`,
  );
  const { container, unmount } = await mounted(Score, { url: "wss://host/live", id: "demo-1" });
  assert.equal(container.textContent, "4 : 0");
  for (const [away, back] of [
    [() => changeState("background"), () => changeState("active")],
    [() => changeNetwork(false), () => changeNetwork(true)],
  ]) {
    const before = platform.sockets.length;
    away!();
    await act(async () => platform.socket.cut());
    assert.match(container.textContent, /Not up to date/);
    assert.equal(platform.sockets.length, before);
    await act(async () => back!());
    await act(serve);
    assert.equal(platform.sockets.length, before + 1);
    assert.equal(container.textContent, "4 : 0");
  }
  await unmount();
});

test("React Native: an app in the background or without a network is asleep", () => {
  const wakes: string[] = [];
  const { isAsleep, onWake } = reactNative({ AppState, NetInfo });
  const stop = onWake(() => wakes.push("woken"));
  assert.equal(isAsleep(), false);
  changeState("background");
  assert.equal(isAsleep(), true);
  changeState("active");
  changeNetwork(false);
  assert.equal(isAsleep(), true);
  changeNetwork(true);
  assert.equal(isAsleep(), false);
  assert.equal(wakes.length, 2);
  stop();
  changeState("active");
  assert.equal(wakes.length, 2);
  assert.equal(reactNative({ AppState }).isAsleep(), false);
});
