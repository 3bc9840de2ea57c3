/** Bundles the client into dist/index.js. */

import { rmSync } from "node:fs";
import { build } from "esbuild";

/** Properties that only the client's own modules use; shortened in the bundle. */
const INTERNAL = `
  acceptToken answered attach buffered cancelSync check clockOffsetMs closed deadlineMs delayMs
  detach disconnect dueAtMs emit establishedAtMs finishSync gapTimer hasPending highestSeen
  intervalMs isFinal isInTime isOutdated isRetried isRunning isSent joinAll key known latest
  newToken nextUrl noteSequence probe receive received recordUptime refresh rejectToken
  rejectUnattributed rejectWaiters roomForUrl roomsWithGaps serverDelayMs settle socket sockets
  startSync switchTo syncs timeoutMs timer tournamentKey waiters welcome`;

rmSync("dist", { recursive: true, force: true }); // removed modules must not be packed
await build({
  entryPoints: ["src/index.ts"],
  outfile: "dist/index.js",
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  mangleProps: new RegExp(`^(${INTERNAL.trim().split(/\s+/).join("|")})$`),
});
