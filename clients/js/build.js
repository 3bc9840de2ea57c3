/** Bundles the client into dist/index.js. */

import { build } from "esbuild";

/** What only the client's own modules call one another's; shortened, since nobody else sees it. */
const INTERNAL = `
  answer answered ask asked askedMs attend before begin behind deadlineMs drop dueAtMs enter frame
  gapTimer giveUp goTo greet greeting hear heard held home intervalMs isFinal isInTime isOutdated isSent
  isSet known leave look lose lost mention mentioned newer newest nextMs offsetMs probe refuseOne renew
  repeats roomForUrl settle sinceMs socket sockets stood tell timeoutMs timer waiters waitMs
  waitingFor`;

await build({
  entryPoints: ["src/index.ts"],
  outfile: "dist/index.js",
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  mangleProps: new RegExp(`^(${INTERNAL.trim().split(/\s+/).join("|")})$`),
});
