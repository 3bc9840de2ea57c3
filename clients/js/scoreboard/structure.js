/**
 * A tournament's groups and knockout rounds, and the participants known so far. Pure.
 *
 * `{groups: [{name, matches: [id]}], rounds: [{name, matches: [{match_id, slots}]}]}`: each of the
 * two `slots` is `{winner_of: id}`, `{loser_of: id}`, or null for a team from the groups.
 */

import { nameOf, textOf } from "./labels.js";
import { t } from "./i18n.js";

const list = (value) => (Array.isArray(value) ? value : []);

/** The structure in the service's answer or a bracket event; null if there is none. */
export function structureIn(data) {
  const groups = partsOf(data?.groups, (id) => (typeof id === "string" ? id : null));
  const rounds = partsOf(data?.rounds, knockoutMatch);
  return groups.length + rounds.length ? { groups, rounds } : null;
}

function partsOf(given, read) {
  const parts = list(given).map((part) => ({
    name: textOf(part?.name),
    matches: list(part?.matches).map(read).filter((match) => match !== null),
  }));
  return parts.filter((part) => part.matches.length > 0);
}

function knockoutMatch(match) {
  if (typeof match?.match_id !== "string") return null;
  return { match_id: match.match_id, slots: [0, 1].map((side) => slotOf(list(match.slots)[side])) };
}

function slotOf(slot) {
  if (typeof slot?.winner_of === "string") return { winner_of: slot.winner_of };
  return typeof slot?.loser_of === "string" ? { loser_of: slot.loser_of } : null;
}

/** Whether all matches of the structure are known. */
export function hasAll(matches, { groups, rounds }) {
  const isKnown = (id) => matches.has(id);
  return (
    groups.every((group) => group.matches.every(isKnown)) &&
    rounds.every((round) => round.matches.every(({ match_id }) => isKnown(match_id)))
  );
}

/**
 * The matches by id; undecided participants have a name that says who may qualify. A fixture file
 * may name all finalists from the start, which would spoil the result. `advanced` has, by match, who
 * has gone on to its slots: they stand for participants that are registered without an id.
 */
export function withUndecided(matches, structure, advanced = new Map()) {
  if (!structure) return matches;
  const shown = new Map(matches);
  const groupsFinished = structure.groups.every(({ matches: ids }) => ids.every(isFinished));
  for (const round of structure.rounds) {
    for (const { match_id, slots } of round.matches) {
      const match = shown.get(match_id);
      if (match?.state !== "scheduled" || !match.participants) continue;
      const goneOn = (one, side) => (one?.id ? one : (advanced.get(match_id)?.[side] ?? one));
      const participants = match.participants.map((one, side) => inSlot(slots[side], goneOn(one, side)));
      shown.set(match_id, { ...match, participants });
    }
  }
  return shown;

  function isFinished(id) {
    const state = matches.get(id)?.state ?? "completed";
    return state === "completed" || state === "cancelled";
  }

  function inSlot(slot, participant) {
    if (!slot) return groupsFinished ? participant : { name: t("from_groups"), open: true };
    const feeder = slot.winner_of ?? slot.loser_of;
    return isFinished(feeder) ? participant : { name: eitherOf(shown.get(feeder)), open: true };
  }
}

/** “Germany or Paraguay”, once both are known themselves. */
function eitherOf(match) {
  if (!match?.participants || match.participants.some((one) => one.open)) return t("unknown_team");
  return t("either", { one: nameOf(match, 0), two: nameOf(match, 1) });
}
