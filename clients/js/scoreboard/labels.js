/** Texts about matches. Pure. */

const count = new Intl.NumberFormat("en-GB");

export function viewersText(viewers) {
  return viewers === null ? "" : `${count.format(viewers)} watching`;
}

export function summary(matches) {
  const all = matches.filter((match) => match.participants).length;
  const played = matches.filter((match) => match.state === "completed").length;
  if (all === 0) return "The matches will appear here as soon as they are announced.";
  return played === all ? "All matches played" : `${played} of ${all} matches played`;
}

export function clock(time) {
  return format(time, { hour: "2-digit", minute: "2-digit" });
}

export function kickOff({ scheduled_at }) {
  return `${dayOf(scheduled_at)}, ${clock(scheduled_at)}`;
}

export function dayOf(time) {
  return format(time, { weekday: "long", day: "numeric", month: "long" });
}

function format(time, options) {
  const date = new Date(time);
  return Number.isNaN(+date) ? "" : new Intl.DateTimeFormat("en-GB", options).format(date);
}

/** The short text beside a match: its kick-off, its state, or how it ended. */
export function badge(match) {
  if (match.state === "scheduled") return clock(match.scheduled_at);
  if (match.state === "cancelled") return "Cancelled";
  if (match.state === "completed") return ending(match.details ?? {});
  return { paused: "Paused", disputed: "Disputed" }[match.state] ?? "Live";
}

/** The same with the day, where no heading has it. */
export function datedBadge(match) {
  if (match.state !== "scheduled") return badge(match);
  return dateAndClock(match.scheduled_at);
}

export function dateAndClock(time) {
  return `${format(time, { day: "numeric", month: "short" })}, ${clock(time)}`;
}

function ending({ extra_time, penalties }) {
  if (pair(penalties)) return "Pens";
  return pair(extra_time) ? "AET" : "FT";
}

/** The line below a match: its latest goal, or how it was decided. */
export function note({ state, details }) {
  if (state === "scheduled") return "";
  return state === "completed" ? resultText(details ?? {}) : goalText(details ?? {});
}

function goalText({ minute, scorer, kind }) {
  return [minuteText({ minute }), scorerText({ scorer, kind })].filter(Boolean).join(" ");
}

function minuteText({ minute }) {
  return minute == null ? "" : `${minute}′`;
}

function scorerText({ scorer, kind }) {
  return [scorer, KINDS[String(kind).replace(/[^a-z]/g, "")]].filter(Boolean).join(" ");
}

const KINDS = { penalty: "(pen.)", owngoal: "(own goal)" };

function resultText({ full_time, extra_time, penalties }) {
  if (ending({ extra_time, penalties }) === "FT") return "";
  const parts = [
    [full_time, "at full time"],
    [pair(penalties) ? null : extra_time, "after extra time"],
    [penalties, "on penalties"],
  ];
  const known = parts.filter(([score]) => pair(score));
  return known.map(([score, when]) => `${score.join("–")} ${when}`).join(", ");
}

export function scoreText(match, side) {
  const begun = match.state !== "scheduled" && match.state !== "cancelled";
  return begun ? String([match.participant1_score, match.participant2_score][side]) : "";
}

export function penaltiesText({ state, details }, side) {
  const shots = state === "completed" && pair(details?.penalties);
  return shots ? `(${shots[side]})` : "";
}

export function hasLost({ state, winner_id, participants }, side) {
  return state === "completed" && Boolean(winner_id) && participants[side]?.id !== winner_id;
}

/** Two integers, or null: details may have any shape. */
function pair(score) {
  return Array.isArray(score) && score.length === 2 && score.every(Number.isInteger) ? score : null;
}

export function nameOf({ participants }, side) {
  return participants[side]?.name || participants[side]?.id || "To be decided";
}

/** One row of the timeline: when, what, and the score if it changed. */
export function timelineText(row, match) {
  const details = row.details ?? {};
  const scored = ["goal", "score", "caught_up", "completed"].includes(row.kind);
  return {
    when: (row.kind !== "completed" && minuteText(details)) || clock(row.atMs),
    what: TEXTS[row.kind](row, match, details),
    score: scored ? row.score.join("–") : "",
  };
}

const TEXTS = {
  started: () => "Match started",
  goal: (row, match, details) =>
    [`Goal for ${nameOf(match, row.side)}`, scorerText(details)].filter(Boolean).join(": "),
  score: (row, match, details) =>
    ["Score changed", scorerText(details)].filter(Boolean).join(". Latest goal: "),
  caught_up: (row, match, details) =>
    ["Score so far", scorerText(details)].filter(Boolean).join(". Latest goal: "),
  changed: ({ from, to }) => CHANGES[`${from} ${to}`] ?? CHANGES[to] ?? "State changed",
  disputed: ({ reason }) => `Dispute opened${reason ? `: ${reason}` : ""}`,
  completed: (row, match, details) => ["Final result", resultText(details)].filter(Boolean).join(": "),
};

const CHANGES = {
  paused: "Match paused",
  live: "Match resumed",
  "disputed live": "Dispute settled, match resumed",
  disputed: "Result disputed",
  cancelled: "Match cancelled",
};

/** Sentences that announce the step from one state to the next. */
export function announcements(before, after) {
  const steps = [...after.matches.values()].map((match) => [before.matches.get(match.match_id), match]);
  const known = steps.filter(([before, match]) => before?.participants && match.participants);
  return known.map(([before, match]) => announcementOf(before, match)).filter(Boolean);
}

function announcementOf(known, match) {
  const { participant1_score: one, participant2_score: two } = match;
  const score = `${nameOf(match, 0)} ${one}, ${nameOf(match, 1)} ${two}`;
  if (match.state !== known.state) return `${ANNOUNCED[match.state] ?? match.state}: ${score}.`;
  const scored = one !== known.participant1_score || two !== known.participant2_score;
  return scored && `${[score, note(match)].filter(Boolean).join(", ")}.`;
}

const ANNOUNCED = {
  live: "Live",
  completed: "Final result",
  paused: "Paused",
  disputed: "Disputed",
  cancelled: "Cancelled",
};
