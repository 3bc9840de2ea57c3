/** Ending a tournament, and taking that back: over HTTP, where its events are published. */

import { onSubmit } from "./dialogs.js";
import { find, write } from "./elements.js";
import { t } from "./i18n.js";

const CODES = ["forbidden", "invalid_transition", "not_found", "authentication_required"];
/** As the service refuses it. */
const IN_PLAY = { code: "invalid_transition", data: { match_id: true } };

/** `config()` is the stack's; `done` is called when the tournament has changed. */
export function createTournamentControls(config, isInPlay, done) {
  const fail = ({ code, data }) => write(find("tournament-error"), sentenceOf(code, data?.match_id));
  const publish = (type) => send(config(), type).then(done, fail);
  onSubmit("tournament-completion", () => (isInPlay() ? fail(IN_PLAY) : publish("tournament_completed")));
  onSubmit("tournament-reopening", () => publish("tournament_reopened"));
}

/** `mayRun`: only an official of the whole tournament ends it. */
export function showTournamentControls({ state } = {}, mayRun) {
  const isCompleted = state === "completed";
  find("tournament-part").hidden = !mayRun;
  find("complete-tournament").hidden = isCompleted;
  find("reopen-tournament").hidden = !isCompleted;
  write(find("tournament-state"), isCompleted ? t("official.tournament_completed") : "");
}

/** Rejects with the service's problem. */
async function send({ httpUrl, tournamentId, token }, type) {
  write(find("tournament-error"), "");
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const request = { method: "POST", headers, body: JSON.stringify({ type }) };
  const response = await fetch(`${httpUrl}/tournaments/${tournamentId}/events`, request).catch(() => null);
  if (!response?.ok) throw (await response?.json().catch(() => null)) ?? {};
}

function sentenceOf(code, matchInPlay) {
  if (code === "invalid_transition" && matchInPlay) return t("official.tournament_in_play");
  return t(CODES.includes(code) ? `tournament_error.${code}` : "sign_in.unreachable");
}
