/** Unpacks the npm package's Chromium and the libraries that it may miss: node unpack.mjs FROM TO */

import { createReadStream, createWriteStream } from "node:fs";
import { chmod, mkdir } from "node:fs/promises";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";

const [from, to] = process.argv.slice(2);
const packed = (name) => createReadStream(join(from, `${name}.br`)).pipe(createBrotliDecompress());

async function untar(name) {
  const tar = spawn("tar", ["-x", "-C", to], { stdio: ["pipe", "inherit", "inherit"] });
  const ended = new Promise((resolve) => tar.on("close", resolve));
  await pipeline(packed(name), tar.stdin);
  if (await ended) throw new Error(`${name} cannot be unpacked`);
}

await mkdir(to, { recursive: true });
await Promise.all(["al2023.tar", "fonts.tar", "swiftshader.tar"].map(untar));
await pipeline(packed("chromium"), createWriteStream(join(to, "chromium")));
await chmod(join(to, "chromium"), 0o755);
