/** Details, names and ids of any shape break no view. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { brackets } from "../bracket.js";
import { outcomeOf } from "../error-messages.js";
import { announcements, badge, documentTitle, hasLost, kickOff, nameOf, note, penaltiesText, scoreText, timelineText } from "../labels.js";
import { notice, statusText } from "../connection-status.js";
import { loadTimelines, saveTimelines } from "../session-store.js";
import { standings } from "../../src/standings.ts";
import { withEvent, withMessages } from "../../src/reducer.ts";
import { structureIn, withUndecided } from "../structure.js";
import { colours, initials } from "../teams.js";
import { timeline } from "../timeline.js";

const NAMES = [...Object.getOwnPropertyNames(Object.prototype), "prototype"];
const STATES = ["scheduled", "live", "paused", "disputed", "completed", "cancelled", "postponed", ...NAMES];
const EVENTS = ["score_updated", "match_started", "match_state_changed", "match_completed", "dispute_created", "snapshot", ...NAMES];
const DETAILS = ["minute", "scorer", "kind", "penalties", "extra_time", "full_time", "half_time", "team", "toString", "__proto__"];

const seededRandom = (seed) => () => ((seed = (seed * 48271) % 2147483647) / 2147483647);

function randomJson(random, depth = 0) {
  const pick = (values) => values[Math.floor(random() * values.length)];
  if (depth < 3 && random() < 0.4) {
    const fields = Array.from({ length: Math.floor(random() * 5) }, () => [pick([...DETAILS, ...NAMES]), randomJson(random, depth + 1)]);
    return Object.fromEntries(fields);
  }
  if (depth < 3 && random() < 0.3) return Array.from({ length: Math.floor(random() * 4) }, () => randomJson(random, depth + 1));
  return pick([null, true, 0, 3, -1, 1e300, 0.5, "", "12", "90+4", "Ann", "x".repeat(300), ...NAMES]);
}

function texts(match, messages) {
  return [
    badge(match, 5), note(match), documentTitle(match), kickOff(match), ...timeline(messages).flatMap((row) => Object.values(timelineText(row, match))),
    ...[0, 1].flatMap((side) => [scoreText(match, side), penaltiesText(match, side), initials(nameOf(match, side))]),
    ...[0, 1].flatMap((side) => Object.values(colours(match.participants?.[side]))),
  ];
}

test("details of any shape are shown without what cannot be read", () => {
  for (let seed = 1; seed <= 500; seed += 1) {
    const random = seededRandom(seed);
    const any = () => randomJson(random);
    const id = NAMES[seed % NAMES.length];
    const details = any();
    let match = { match_id: id, participants: [{ id, name: "A", metadata: any() }, { id: "b", name: id }], state: "live", sequence: 0, scheduled_at: any() };
    let messages = [];
    EVENTS.forEach((type, index) => {
      const more = random() < 0.3 ? { periods: any(), clock: any(), shootout: any(), scoring: any(), outcome: any(), updates: any() } : {};
      const data = { match_id: id, sequence: index + 1, server_time: 1, participant1_score: index, participant2_score: 0, details, reason: any(), initiated_by: any(), old_state: any(), new_state: STATES[Math.floor(random() * STATES.length)], ...more };
      const before = match;
      match = withEvent(before, { type, data });
      messages = withMessages(messages, [{ type, data }]);
      const spoken = announcements({ matches: new Map([[id, before]]) }, { matches: new Map([[id, match]]) });
      for (const text of [...texts(match, messages), ...spoken]) {
        assert.equal(typeof text, "string");
        assert.doesNotMatch(text, /\[object|function|undefined|NaN/, `seed ${seed}: ${JSON.stringify(data)}`);
        assert.ok(text.length < 700, text);
      }
    });
  }
});

test("a minute or a scorer that is not a text is left out, the rest is shown", () => {
  const match = { match_id: "m", state: "live", participants: [], details: { minute: { a: 1 }, scorer: "Ann" } };
  assert.equal(note(match), "Ann");
  assert.equal(note({ ...match, details: { minute: 12, scorer: ["Ann"], kind: { toString: 1 } } }), "12′");
});

test("errors and statuses of any shape have a sentence", () => {
  for (const name of NAMES) {
    for (const data of [null, 1, { state: name }, { errors: { [name]: 1 } }, { state: { toString: 1 } }, { participant1_score: name }]) {
      for (const code of ["stale", "match_not_live", "invalid_transition", "invalid_schema", name]) {
        assert.match(outcomeOf({ code, data }, {}).sentence, /^[A-Z].*\.$/);
      }
    }
    const status = { phase: "closed", reason: name, isStale: false, lastMessageAtMs: null, retryAtMs: null };
    assert.match(notice(status, true), /closed/);
    assert.equal(statusText(status, 0), "Closed");
  }
});

test("structures, tables and brackets of any shape and name can be drawn", () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = seededRandom(seed);
    const some = () => ({ name: randomJson(random), matches: [randomJson(random), NAMES[seed % NAMES.length], { match_id: NAMES[seed % NAMES.length], slots: randomJson(random) }] });
    const structure = structureIn({ groups: [some(), randomJson(random)], rounds: [some(), randomJson(random)] });
    const participants = [{ id: "__proto__", name: "A" }, { id: "constructor" }];
    const matches = new Map(NAMES.map((match_id) => [match_id, { match_id, participants, state: "completed", participant1_score: 1, participant2_score: 0, winner_id: "__proto__" }]));
    const shown = withUndecided(matches, structure);
    for (const { rounds } of structure ? brackets(structure, shown) : []) for (const { name } of rounds) assert.equal(typeof name, "string");
    assert.deepEqual(standings([...shown.values()]).map(({ id }) => id), ["__proto__", "constructor"]);
    assert.equal(hasLost(matches.get("constructor"), 1), true);
  }
});

test("timelines of matches of any name are stored and loaded", () => {
  const stored = new Map();
  const storage = { getItem: (key) => stored.get(key) ?? null, setItem: (key, text) => stored.set(key, text) };
  Object.defineProperty(globalThis, "sessionStorage", { configurable: true, get: () => storage });
  assert.deepEqual(loadTimelines(NAMES), []);
  const event = { type: "match_started", data: { sequence: 1 } };
  for (const name of NAMES) saveTimelines(new Map([[name, [event]]]));
  assert.deepEqual(loadTimelines(NAMES), NAMES.map((name) => [name, [event]]));
  for (const odd of ["7", "null", "[]", "{", '{"m1":7}', '{"m1":[null,{}]}']) {
    stored.set("scorecast-timelines", odd);
    assert.deepEqual(loadTimelines(["m1"]).flatMap(([, events]) => events), []);
  }
});
