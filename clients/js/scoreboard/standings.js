/** The table of a group, from its results. Pure. */

const POINTS_FOR_WIN = 3;

/**
 * Best first: by points, goal difference, goals, name. Completed matches count, but for those that
 * were abandoned without a winner. After a double forfeit both have lost.
 */
export function standings(matches) {
  const rows = new Map();
  for (const match of matches) {
    for (const side of [0, 1]) addSide(rows, match, side);
  }
  return [...rows.values()].sort(inOrder);
}

function addSide(rows, match, side) {
  const { id, name } = match.participants[side];
  const row = rows.get(id) ?? { ...BLANK, id, name: name || id };
  rows.set(id, counts(match) ? withResult(row, match, side) : row);
}

function counts({ state, outcome, winner_id }) {
  return state === "completed" && !(outcome === "abandoned" && winner_id === null);
}

const BLANK = { played: 0, won: 0, drawn: 0, lost: 0, scored: 0, conceded: 0, points: 0 };

function withResult(row, match, side) {
  const goals = [match.participant1_score, match.participant2_score];
  const drawn = match.winner_id === null && match.outcome !== "double_forfeit";
  const won = match.winner_id === row.id;
  return {
    ...row,
    played: row.played + 1,
    won: row.won + won,
    drawn: row.drawn + drawn,
    lost: row.lost + (!won && !drawn),
    scored: row.scored + goals[side],
    conceded: row.conceded + goals[1 - side],
    points: row.points + (won ? POINTS_FOR_WIN : Number(drawn)),
  };
}

export const difference = ({ scored, conceded }) => scored - conceded;

function inOrder(a, b) {
  const better = b.points - a.points || difference(b) - difference(a) || b.scored - a.scored;
  return better || (a.name < b.name ? -1 : 1);
}
