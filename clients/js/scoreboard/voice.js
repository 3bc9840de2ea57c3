/** The live region: what is said aloud, at a pace that a voice can follow. */

import { find, write } from "./elements.js";

const SPEAK_MS = 2000;
const SPOKEN_AT_ONCE = 3;

let sentences = [];

export function say(more) {
  sentences.push(...more.filter(Boolean));
}

export function startSpeaking() {
  setInterval(speak, SPEAK_MS);
}

function speak() {
  if (sentences.length === 0) return;
  const unsaid = sentences.length - SPOKEN_AT_ONCE;
  if (unsaid > 0) sentences.splice(0, unsaid, `${unsaid} more changes.`);
  write(find("voice"), sentences.join(" "));
  sentences = [];
}
