/** A team's crest: its initials on a colour of its own. Pure. */

import { textOf } from "./labels.js";

const COLOUR = /^#[0-9a-f]{6}$/i;
/** Arabic writes its article as the beginning of the word. */
const ARTICLE = /^ال(?=..)/u;

/** Up to three letters: of three words, or the beginning of one. */
export function initials(name) {
  const words = name.split(/[\s-]+/).filter((word) => /\p{L}|\p{N}/u.test(word)).map((word) => word.replace(ARTICLE, ""));
  const letters = words.length > 1 ? words.slice(0, 3).map((word) => [...word][0]) : [...(words[0] ?? "?")].slice(0, 3);
  return letters.join("").toLocaleUpperCase();
}

/** `{background, text}`: the colour that the metadata names, or one made of the id, readable on it. */
export function colours({ id, metadata } = {}) {
  const background = textOf(metadata?.colour ?? metadata?.color);
  if (!COLOUR.test(background)) return { background: `hsl(${hueOf(textOf(id))} 45% 30%)`, text: "#fff" };
  return { background, text: luminance(background) > 0.18 ? "#000" : "#fff" };
}

function hueOf(id) {
  return [...id].reduce((hash, letter) => (hash * 31 + letter.codePointAt(0)) % 360, 7);
}

/** Relative luminance as WCAG defines it: black is readable above 0.18, white below. */
function luminance(colour) {
  const channels = [1, 3, 5].map((start) => parseInt(colour.slice(start, start + 2), 16) / 255);
  const [red, green, blue] = channels.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
