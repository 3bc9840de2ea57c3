/** Which matches fit what somebody has typed: a team, a group or round, a state. Pure. */

import { badge, nameOf } from "./labels.js";

/** A predicate of matches. A text fits where a word of a name begins with it, with or without accents. */
export function matchFilter(text, structure) {
  const wanted = plain(text);
  if (!wanted) return () => true;
  const partNames = namesOfParts(structure);
  return (match) => {
    const names = [nameOf(match, 0), nameOf(match, 1), partNames.get(match.match_id) ?? "", badge(match)];
    return names.some((name) => ` ${plain(name)}`.includes(` ${wanted}`));
  };
}

/** The names of groups, rounds and teams, to choose from. */
export function filterNames(matches, structure) {
  const teams = matches.flatMap((match) => (match.participants ?? []).map((one, side) => one?.id && !one.open && nameOf(match, side)));
  const parts = [...(structure?.groups ?? []), ...(structure?.rounds ?? [])].map(({ name }) => name);
  return [...new Set([...parts, ...teams.filter(Boolean).sort()])];
}

function namesOfParts(structure) {
  const groups = (structure?.groups ?? []).flatMap(({ name, matches }) => matches.map((id) => [id, name]));
  const rounds = (structure?.rounds ?? []).flatMap(({ name, matches }) => matches.map(({ match_id }) => [match_id, name]));
  return new Map([...groups, ...rounds]);
}

function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().split(/[\s\-–/.]+/).filter(Boolean).join(" ");
}
