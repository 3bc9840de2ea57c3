/** Bundles the pages, with the built client in them, into dist: few small files, what both share once. */

import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";
import { assembled } from "./page-parts.js";

const OUT = "scoreboard/dist";
const COPIED = /\.(svg|png|webmanifest)$/;
const COMMON = { bundle: true, minify: true, format: "esm", target: "es2022", outdir: OUT };

/** The pages import the client as the file that a site serves beside them. */
const client = {
  name: "client",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/client\// }, ({ path }) => ({ path: `${process.cwd()}/dist/${path.slice("./client/".length)}` }));
  },
};

rmSync(OUT, { recursive: true, force: true }); // chunks of earlier versions
mkdirSync(OUT, { recursive: true });
for (const name of readdirSync("scoreboard")) {
  if (name.endsWith(".html")) writeFileSync(`${OUT}/${name}`, assembled(name));
  if (COPIED.test(name)) cpSync(`scoreboard/${name}`, `${OUT}/${name}`);
}
const entryPoints = ["main.js", "official.js", "console.js", "scoreboard.css"].map((name) => `scoreboard/${name}`);
const { metafile } = await build({ ...COMMON, entryPoints, splitting: true, plugins: [client], metafile: true });
await buildServiceWorker();

/** It keeps what the spectator's page consists of; a change of any of it makes another worker. */
async function buildServiceWorker() {
  const files = ["index.html", "scoreboard.css", "icon.svg", "manifest.webmanifest", ...scriptsOf("main.js")];
  const hash = createHash("sha256");
  for (const name of files) hash.update(readFileSync(`${OUT}/${name}`));
  const define = { FILES: JSON.stringify(files), VERSION: JSON.stringify(hash.digest("hex").slice(0, 12)) };
  await build({ ...COMMON, entryPoints: ["scoreboard/service-worker.js"], define });
}

/** The file and all that it imports, now or later. */
function scriptsOf(name, found = []) {
  if (found.includes(name)) return found;
  const { imports } = metafile.outputs[`${OUT}/${name}`];
  return imports.reduce((all, { path }) => scriptsOf(path.slice(OUT.length + 1), all), [...found, name]);
}
