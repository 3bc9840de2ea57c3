/** Bundles the client's entry points into dist. */

import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";
import { minify } from "terser";

/** Properties that only the client's own modules use; shortened in the bundle. */
const INTERNAL = `
  acceptToken after answered attach before buffered cancelSync check clockOffsetMs deadlineMs delayMs
  detach disconnect dueAtMs emit establishedAtMs finishSync gapTimer hasPending highestSeen
  intervalMs inUrl isFinal isInTime isOutdated isRunning isSent joinAll key known latest leave newToken
  nextUrl noteSequence onClosed onEstablished onGoodbye onMessage onReceived onStale outgoing probe
  receive received recordUptime refresh rejectToken rejectUnattributed rejectWaiters roomForUrl
  roomsWithGaps serverDelayMs settle socket sockets start startSync stop switchTo syncs timeoutMs
  timer tournamentKey waiters welcome`;

rmSync("dist", { recursive: true, force: true }); // removed modules must not be packed

/** One entry point imports another as the file beside it, so that both share its state. */
const besides = {
  name: "besides",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/(store|reducer|index)\.ts$/ }, ({ path, kind }) =>
      kind === "entry-point" ? null : { path: path.replace(".ts", ".js"), external: true },
    );
  },
};

await bundle("index", { mangleProps: new RegExp(`^(${INTERNAL.trim().split(/\s+/).join("|")})$`) });
for (const name of ["cells", "element", "official", "overflow", "publisher", "react", "react-native", "reducer", "scores", "standings", "store", "vue"]) {
  await bundle(name, { plugins: [besides], external: ["react", "vue"] });
}
await bundle("bundle", { outfile: "dist/scorecast.iife.js", format: "iife", globalName: "Scorecast" });
const hash = createHash("sha384").update(readFileSync("dist/scorecast.iife.js")).digest("base64");
writeFileSync("dist/scorecast.iife.js.sri", `sha384-${hash}\n`);

async function bundle(name, options) {
  const outfile = options.outfile ?? `dist/${name}.js`;
  const common = { bundle: true, minify: true, format: "esm", target: "es2022" };
  await build({ ...common, entryPoints: [`src/${name}.ts`], outfile, ...options });
  // 2 % smaller than what esbuild leaves
  const module = options.format !== "iife";
  const { code } = await minify(readFileSync(outfile, "utf8"), { module, compress: { passes: 3, pure_getters: true } });
  writeFileSync(outfile, code);
}
