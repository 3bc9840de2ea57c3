/** A match's timeline, newest first. */

import { copyOf, find, place, write } from "./elements.js";
import { timelineText } from "./labels.js";
import { timeline } from "./timeline.js";

const elements = new Map();

/** Returns the rows. */
export function showTimeline(messages, match) {
  const rows = timeline(messages, match);
  place(find("timeline"), rows.map((row) => elementOf(row, match)).reverse());
  find("timeline-part").hidden = rows.length === 0;
  return rows;
}

function elementOf(row, match) {
  const key = `${row.sequence} ${row.revision} ${row.kind} ${row.score}`;
  if (!elements.has(key)) elements.set(key, copyOf("timeline-row"));
  const element = elements.get(key);
  const { when, at, team, what, by, score } = timelineText(row, match);
  element.dataset.kind = row.kind;
  if (row.side !== undefined) element.dataset.side = row.side;
  const [time, sentence, result] = element.children;
  write(time, when);
  time.title = at;
  const texts = [team, what, by];
  texts.forEach((text, place) => write(sentence.children[place], text));
  write(result, score);
  return element;
}
