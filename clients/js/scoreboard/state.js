/** The page's state and its reducer. Pure: no clock, no network, no document. */

import { structureIn } from "./structure.js";
import { withMessages } from "./timeline.js";

export const EMPTY = Object.freeze({
  tournament: null,
  structure: null,
  matches: new Map(),
  histories: new Map(), // by match: the messages of its timeline
  viewers: null,
  outdated: false, // read the tournament again: a match has no names, or there is a new bracket
});

/**
 * The state after a message; the same object if nothing changes. Besides the server's events there
 * are those of the client (`snapshot`) and of the page: `tournament_loaded` (data: the response of
 * GET /tournaments/{id}), `structure_loaded`, `history_loaded` (a match's events) and
 * `socket_opened`.
 */
export function reduce(state, message) {
  const step = STEPS.get(message?.type);
  return step ? step(state, message.data ?? {}, message.type) : state;
}

const event = (change) => (state, data, type) => advance(state, { type, data }, change);

const STEPS = new Map([
  ["tournament_loaded", tournamentLoaded],
  ["structure_loaded", structureLoaded],
  ["history_loaded", historyLoaded],
  ["socket_opened", socketOpened],
  ["snapshot", snapshotReceived],
  ["score_updated", event(scoreUpdated)],
  ["match_started", event((match, data) => ({ ...scores(match, data), state: "live" }))],
  ["match_state_changed", event(stateChanged)],
  ["match_completed", event(matchCompleted)],
  ["dispute_created", event(() => ({ state: "disputed" }))],
  ["viewers", (state, data) => ({ ...state, viewers: data.count ?? state.viewers })],
  ["bracket_generated", bracketReceived],
  ["bracket_updated", bracketReceived],
]);

function tournamentLoaded(state, data) {
  const matches = new Map(state.matches);
  for (const listed of data.matches) {
    matches.set(listed.match_id, withListing(matches.get(listed.match_id), listed));
  }
  const { name = null, organizers = [] } = data;
  return complete({ ...state, matches, tournament: { name, organizers } });
}

/** Names and kick-off come from the listing; the score only if the socket is not newer. */
function withListing(known, listed) {
  const { participants, scheduled_at } = listed;
  if (known && known.sequence > listed.sequence) return { ...known, participants, scheduled_at };
  return { ...known, ...listed };
}

function structureLoaded(state, data) {
  return { ...state, structure: structureIn(data) ?? state.structure };
}

/** A bracket event may contain the structure; the names are read over HTTP. */
function bracketReceived(state, data) {
  return { ...structureLoaded(state, data), outdated: true };
}

function historyLoaded(state, { match_id, events }) {
  const known = state.histories.get(match_id);
  const history = withMessages(known, events);
  if (history === known) return state;
  return { ...state, histories: new Map(state.histories).set(match_id, history) };
}

/** The server may have been restored: the first snapshot on a new socket wins. */
function socketOpened(state) {
  const unconfirmed = ([id, match]) => [id, { ...match, confirmed: false }];
  return { ...state, matches: new Map([...state.matches].map(unconfirmed)) };
}

function snapshotReceived(state, { snapshot, viewers }) {
  const matches = new Map(state.matches);
  const histories = new Map(state.histories);
  for (const snapshotMatch of snapshot?.matches ?? (snapshot?.match_id ? [snapshot] : [])) {
    const known = matches.get(snapshotMatch.match_id);
    // An event may overtake a snapshot that was read before it.
    if (known?.confirmed && known.sequence > snapshotMatch.sequence) continue;
    matches.set(snapshotMatch.match_id, { ...known, ...snapshotMatch, details: detailsOf(known, snapshotMatch), confirmed: true });
    const message = { type: "snapshot", data: snapshotMatch };
    histories.set(snapshotMatch.match_id, withMessages(histories.get(snapshotMatch.match_id), [message]));
  }
  return complete({ ...state, matches, histories, viewers: viewers ?? state.viewers });
}

/** A large tournament's snapshot has no details: known ones belong to their sequence. */
function detailsOf(known, snapshotMatch) {
  if (snapshotMatch.details !== undefined) return snapshotMatch.details;
  return known?.sequence === snapshotMatch.sequence ? known.details : null;
}

function complete(state) {
  const nameless = [...state.matches.values()].some((match) => !match.participants);
  return { ...state, outdated: nameless };
}

function advance(state, message, change) {
  const { data } = message;
  if (!data.match_id || !Number.isFinite(data.sequence)) return state;
  const known = state.matches.get(data.match_id) ?? { match_id: data.match_id, sequence: -1 };
  const after = historyLoaded(state, { match_id: data.match_id, events: [message] });
  // The listing may be newer than the socket: the event still belongs to the timeline.
  if (data.sequence <= known.sequence) return after;
  const match = { ...known, ...change(known, data), sequence: data.sequence, confirmed: true };
  const matches = new Map(state.matches).set(match.match_id, match);
  return { ...after, matches, outdated: state.outdated || !match.participants };
}

/** A cancellation brings the final score. */
function stateChanged(match, data) {
  const { details = match.details } = data;
  return { ...scores(match, data), details, state: data.new_state };
}

function scoreUpdated(match, data) {
  const state = match.state && match.state !== "scheduled" ? match.state : "live";
  const { details = null, revision = match.revision } = data;
  return { ...scores(match, data), details, revision, state };
}

function matchCompleted(match, data) {
  const { winner_id = null, details = match.details } = data;
  return { ...scores(match, data), state: "completed", winner_id, details };
}

function scores(match, data) {
  const score = (side) => ({ [side]: data[side] ?? match[side] ?? 0 });
  return { ...score("participant1_score"), ...score("participant2_score") };
}
