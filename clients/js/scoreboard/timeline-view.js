/** A match's timeline, newest first. */

import { copyOf, find, place, write } from "./elements.js";
import { timeline } from "./timeline.js";
import { timelineText } from "./labels.js";

const elements = new Map();

export function showTimeline(history, match) {
  const rows = timeline(history).reverse();
  place(find("timeline"), rows.map((row) => elementOf(row, match)));
  find("timeline-part").hidden = rows.length === 0;
}

function elementOf(row, match) {
  const key = `${row.sequence} ${row.kind}`;
  if (!elements.has(key)) elements.set(key, copyOf("timeline-row"));
  const element = elements.get(key);
  const { when, what, score } = timelineText(row, match);
  element.dataset.kind = row.kind;
  for (const [index, text] of [when, what, score].entries()) write(element.children[index], text);
  return element;
}
