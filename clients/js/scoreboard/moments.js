/** A match's timeline, the newest first. */

import { copyOf, find, place, write } from "./elements.js";
import { timeline } from "./timeline.js";
import { told } from "./words.js";

const moments = new Map();

export function showTimeline(history, match) {
  const rows = timeline(history).reverse();
  place(find("timeline"), rows.map((row) => momentOf(row, match)));
  find("timeline-part").hidden = rows.length === 0;
}

function momentOf(row, match) {
  const key = `${row.sequence} ${row.kind}`;
  if (!moments.has(key)) moments.set(key, copyOf("moment"));
  const element = moments.get(key);
  const { when, what, score } = told(row, match);
  element.dataset.kind = row.kind;
  for (const [index, text] of [when, what, score].entries()) write(element.children[index], text);
  return element;
}
