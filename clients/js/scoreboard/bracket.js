/** The knockout rounds as they are drawn: whoever meets next stands next to each other. Pure. */

/**
 * `[{name, matches, aside}]`, the first round first; `matches` by id. Unknown matches are left out.
 * `aside` are rounds that nobody wins a place in: those of the losers.
 */
export function bracket(structure, matches) {
  const place = placesFromTheEnd(structure.rounds);
  return structure.rounds
    .map(({ name, matches: listed }) => ({
      name,
      matches: inPlace(listed, place, matches),
      aside: listed.every(({ slots }) => slots?.some((slot) => slot?.loser_of)),
    }))
    .filter((round) => round.matches.length > 0);
}

function inPlace(listed, place, matches) {
  const ids = listed.map((one) => one.match_id).filter((id) => matches.get(id)?.participants);
  return ids.sort((a, b) => place.get(a) - place.get(b)).map((id) => matches.get(id));
}

/** Numbers the matches in the order in which the tree is walked from its last match. */
function placesFromTheEnd(rounds) {
  const feeders = new Map();
  for (const { matches } of rounds) {
    for (const { match_id, slots } of matches) {
      const named = (slots ?? []).map((slot) => slot?.winner_of ?? slot?.loser_of);
      feeders.set(match_id, named.filter(Boolean));
    }
  }
  const place = new Map();
  const walk = (id) => {
    if (place.has(id)) return;
    place.set(id, place.size);
    for (const feeder of feeders.get(id) ?? []) walk(feeder);
  };
  for (const id of [...feeders.keys()].reverse()) walk(id);
  return place;
}
