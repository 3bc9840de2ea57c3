/** The knockout rounds as they are drawn: teams that may meet next are adjacent. Pure. */

/**
 * `[{kind, rounds: [{name, matches}]}]`, each round's matches from `matches` (by id);
 * unknown ones are left out. `kind` is `upper` for the only or the winners' bracket, `lower` for
 * the losers', `final` for the match of the two brackets' winners, `third` for the losers of a
 * round that leads nowhere, such as a match for third place.
 */
export function brackets(structure, matches) {
  const tree = treeOf(structure.rounds);
  const place = placesFromTheEnd(structure.rounds, tree);
  const kinds = kindsOf(structure.rounds, tree);
  const drawn = ["upper", "lower", "final", "third"].map((kind) => ({
    kind,
    rounds: structure.rounds.map((round) => drawnRound(round, kind)).filter((round) => round.matches.length > 0),
  }));
  return drawn.filter(({ rounds }) => rounds.length > 0);

  function drawnRound({ name, matches: listed }, kind) {
    const ids = listed.map((one) => one.match_id).filter((id) => kinds.get(id) === kind && matches.get(id)?.participants);
    const ordered = ids.sort((a, b) => place.get(a) - place.get(b));
    return { name, matches: ordered.map((id) => matches.get(id)) };
  }
}

/** By match: the matches that fill its slots, with whether their loser does. */
function treeOf(rounds) {
  const feeders = (slots) =>
    slots.filter(Boolean).map((slot) => ({ id: slot.winner_of ?? slot.loser_of, isLoser: Boolean(slot.loser_of) }));
  return new Map(rounds.flatMap(({ matches }) => matches.map(({ match_id, slots }) => [match_id, feeders(slots)])));
}

/** A loser's way goes on where a later match has its winner: then there is a lower bracket. */
function kindsOf(rounds, tree) {
  const leadsOn = new Set([...tree.values()].flat().filter(({ isLoser }) => !isLoser).map(({ id }) => id));
  const kinds = new Map();
  for (const id of rounds.flatMap(({ matches }) => matches.map(({ match_id }) => match_id))) {
    const feeders = tree.get(id) ?? [];
    const isLower = feeders.some((feeder) => feeder.isLoser || kinds.get(feeder.id) === "lower");
    const isUpper = feeders.some((feeder) => !feeder.isLoser && kinds.get(feeder.id) !== "lower");
    if (isLower && isUpper) kinds.set(id, "final");
    else if (isLower) kinds.set(id, leadsOn.has(id) ? "lower" : "third");
    else kinds.set(id, feeders.some((feeder) => kinds.get(feeder.id) === "final") ? "final" : "upper");
  }
  return kinds;
}

/** Number the matches in the order of a walk through the tree from its last match. */
function placesFromTheEnd(rounds, tree) {
  const place = new Map();
  const walk = (id) => {
    if (place.has(id)) return;
    place.set(id, place.size);
    for (const feeder of tree.get(id) ?? []) if (!feeder.isLoser) walk(feeder.id);
  };
  for (const id of [...tree.keys()].reverse()) walk(id);
  return place;
}
