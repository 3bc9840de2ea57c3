/** Examples as their readers have them: built, with the client's sources, and loaded. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { build } from "esbuild";

const BUILT = new URL("../node_modules/.examples/", import.meta.url);
const HERE = new URL("..", import.meta.url).pathname;
const ENTRIES = ["overflow", "publisher", "react", "react-native", "store", "vue"];
const ALIAS = {
  ...Object.fromEntries(ENTRIES.map((name) => [`@scorecast/client/${name}`, `./src/${name}.ts`])),
  "@scorecast/client": "./src/index.ts",
  "react-native": "./test/fakes/react-native.ts",
  "@react-native-community/netinfo": "./test/fakes/netinfo.ts",
};

/** The blocks of a language in a page of the documentation. */
export function blocksOf(page: string, language: string): string[] {
  const text = readFileSync(new URL(`../../../docs/${page}`, import.meta.url), "utf8");
  return [...text.matchAll(new RegExp(`^\`\`\`${language}(?: .*)?\n([^]*?)^\`\`\`$`, "gm"))].map((match) => match[1]!);
}

/** What the module exports. Frameworks stay those of the test, so that both share their state. */
export async function load(contents: string): Promise<Record<string, any>> {
  const external = ["react", "react-dom", "react/jsx-runtime", "vue"];
  const stdin = { contents, resolveDir: HERE, loader: "tsx" } as const;
  const { outputFiles } = await build({
    stdin, bundle: true, write: false, format: "esm", jsx: "automatic", alias: ALIAS, external, absWorkingDir: HERE,
  });
  const code = outputFiles[0]!.text;
  const file = new URL(`${createHash("sha256").update(code).digest("hex").slice(0, 16)}.mjs`, BUILT);
  mkdirSync(BUILT, { recursive: true });
  writeFileSync(file, code);
  return import(file.href);
}
