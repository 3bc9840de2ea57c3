/** A match's disputes with their texts, which officials and the parties read over HTTP. */

import { read } from "./api.js";
import { copyOf, find, place, write } from "./elements.js";
import { t } from "./i18n.js";
import { clock, textOf } from "./labels.js";

const RESOLUTIONS = ["upheld", "rejected", "withdrawn"];
const RETRY_MS = 10_000;

const elements = new Map();
let known = { matchId: null, version: null, disputes: [] };
let retryAtMs = 0;

/**
 * Show what is known, and read it again if it has changed: `view` is `{match, role, messages, config}`.
 * `resolve(dispute, resolution)` closes one.
 */
export function showDisputes(view, resolve) {
  const { match, role } = view;
  if (match.match_id !== known.matchId) known = { matchId: match.match_id, version: null, disputes: [] };
  if (role !== "spectator" && known.version !== versionOf(view) && Date.now() >= retryAtMs) load(view, resolve);
  place(find("disputes"), known.disputes.map((dispute) => elementOf(dispute, role === "official" && resolve)));
  find("disputes-part").hidden = known.disputes.length === 0;
}

/** Differs after each event of a dispute. */
function versionOf({ match, messages = [] }) {
  const newest = messages.findLast(({ type }) => type.startsWith("dispute_"));
  return `${match.open_disputes ?? 0} ${newest?.data.sequence ?? 0}`;
}

async function load(view, resolve) {
  const { match_id: matchId } = view.match;
  const { httpUrl, token } = view.config;
  const version = versionOf(view);
  known = { ...known, version };
  const answer = await read(`${httpUrl}/matches/${matchId}/disputes`, { authorization: `Bearer ${token}` }).catch(() => null);
  if (known.matchId !== matchId || known.version !== version) return;
  if (answer) known = { ...known, disputes: answer.disputes };
  else [known.version, retryAtMs] = [null, Date.now() + RETRY_MS]; // the next repaint after that tries again
  showDisputes(view, resolve);
}

function elementOf(dispute, resolve) {
  const key = `${dispute.dispute_id} ${dispute.status} ${Boolean(resolve)}`;
  if (!elements.has(key)) elements.set(key, newElement(dispute, resolve));
  return elements.get(key);
}

function newElement(dispute, resolve) {
  const element = copyOf("dispute-row");
  const [time, text, state, buttons] = element.children;
  const [reason, note] = [textOf(dispute.reason, 500), textOf(dispute.note, 500)];
  write(time, clock(dispute.created_at));
  write(text, [textOf(dispute.initiated_by), reason].filter(Boolean).join(": ") + (note && ` (${note})`));
  write(state, dispute.resolution ? t(`resolution.${dispute.resolution}`) : t("official.open"));
  if (resolve && dispute.status === "open") {
    buttons.append(...RESOLUTIONS.map((resolution) => resolutionButton(dispute, resolution, resolve)));
  }
  return element;
}

function resolutionButton({ dispute_id }, resolution, resolve) {
  const button = copyOf("resolution");
  write(button, t(`official.${resolution}`));
  button.onclick = () => resolve(dispute_id, resolution);
  return button;
}
