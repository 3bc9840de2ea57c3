/** The live region for screen readers, at a pace that speech can follow. */

import { find, write } from "./elements.js";
import { t } from "./i18n.js";

const ANNOUNCE_MS = 2000;
const SENTENCES_MAX = 3;

let sentences = [];

export function announce(more) {
  sentences.push(...more.filter(Boolean));
}

export function startAnnouncing() {
  setInterval(announceNext, ANNOUNCE_MS);
}

function announceNext() {
  if (sentences.length === 0) return;
  const skipped = sentences.length - SENTENCES_MAX;
  if (skipped > 0) sentences.splice(0, skipped, t("announce.more", { count: skipped }));
  write(find("announcements"), sentences.join(" "));
  sentences = [];
}
