import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import en from "../catalogs/en.js";
import { assembled } from "../page-parts.js";

const PAGES = ["index.html", "official.html", "console.html"];
let folder;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "page-"));
  mkdirSync(join(folder, "parts"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function page(html, parts) {
  writeFileSync(join(folder, "page.html"), html);
  for (const [name, text] of Object.entries(parts)) writeFileSync(join(folder, "parts", `${name}.html`), text);
  return assembled("page.html", folder);
}

test("a part takes the place of its line, with its values and parts of its own", () => {
  const parts = { outer: '<b id="{id}">\n  <!--include inner text="{id}"-->\n</b>\n', inner: "<i>{text}</i>\n" };
  assert.equal(page('<p>\n  <!--include outer id="x"-->\n</p>\n', parts), '<p>\n  <b id="x">\n    <i>x</i>\n  </b>\n</p>\n');
});

test("a part without one of its values stops the build", () => {
  assert.throws(() => page("<!--include part-->\n", { part: "{id}\n" }), /part needs a value for id/);
});

test("the pages share one head, and nothing is left to include", () => {
  const pages = PAGES.map((name) => assembled(name));
  const [policy] = pages.map((html) => html.match(/Content-Security-Policy" content="(.*)"/)[1]);
  for (const html of pages) {
    assert.ok(html.includes(`content="${policy}"`));
    assert.doesNotMatch(html, /<!--|\{[a-z]/);
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    assert.equal(new Set(ids).size, ids.length, "an id is there once");
  }
});

test("no page of spectators or officials has a sentence that is in no catalogue", () => {
  for (const html of PAGES.slice(0, 2).map((name) => assembled(name))) {
    const texts = [...html.split("<body")[1].matchAll(/<(\w+)([^<>]*)>\s*([^<>\s][^<>]*)/g)];
    const untranslated = texts.filter(([, , attributes, text]) => !/data-t="/.test(attributes) && /\p{L}/u.test(text));
    assert.deepEqual(untranslated.map(([, , , text]) => text), []);
    for (const [, key] of html.matchAll(/ data-t(?:-\w+)?="([^"]+)"/g)) assert.ok(key in en, key);
  }
});

test("nothing in the style but the fade of the tabs has a left or a right", () => {
  const style = readFileSync(new URL("../scoreboard.css", import.meta.url), "utf8").replace(/\/\*.*?\*\//gs, "");
  assert.deepEqual(style.match(/[\w-]*(?:left|right)\b/g), ["right", "left"]);
});
