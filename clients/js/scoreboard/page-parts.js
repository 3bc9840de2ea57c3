/** Pages as they are served: their own HTML, with the parts that several of them share. */

import { readFileSync } from "node:fs";

const INCLUDE = /^( *)<!--include ([\w-]+)(.*?)-->\n/gm;
const VALUE = /([\w-]+)="([^"]*)"/g;

/** A page whose `<!--include part key="value"-->` lines are replaced; in a part, `{key}` is the value. */
export function assembled(name, folder = import.meta.dirname) {
  return withParts(readFileSync(`${folder}/${name}`, "utf8"), `${folder}/parts`);
}

function withParts(html, folder) {
  return html.replace(INCLUDE, (_, indent, part, given) => {
    const text = readFileSync(`${folder}/${part}.html`, "utf8");
    const filled = filledIn(text, Object.fromEntries([...given.matchAll(VALUE)].map(([, key, value]) => [key, value])), part);
    return withParts(filled.replace(/^(?=.)/gm, indent), folder);
  });
}

function filledIn(text, values, part) {
  return text.replace(/\{([a-z]+)\}/g, (_, key) => {
    if (!(key in values)) throw new Error(`The part ${part} needs a value for ${key}.`);
    return values[key];
  });
}
