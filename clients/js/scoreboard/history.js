/** What has happened to a match, as the HTTP API keeps it: merged scores one by one, and who reported. */

import { read } from "./api.js";

/** All entries of a match's history, oldest first. */
export async function readHistory({ httpUrl, token }, matchId) {
  const entries = [];
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  let query = "";
  do {
    const page = await read(`${httpUrl}/matches/${matchId}/history${query}`, headers);
    entries.push(...page.entries);
    query = page.next === null ? null : `?cursor=${encodeURIComponent(page.next)}`;
  } while (query !== null);
  return entries;
}

/** The history, and what the messages say beyond it. Pure. */
export function withHistory(messages, entries) {
  if (entries.length === 0) return messages;
  const last = (name) => Math.max(0, ...entries.map(({ data }) => data[name] ?? 0));
  const [revision, sequence] = [last("revision"), last("sequence")];
  const past = entries.map(({ type, data }) => (type === "score_accepted" ? { type: "score_updated", data } : { type, data }));
  return [...past, ...messages.flatMap((message) => beyond(message, revision, sequence))];
}

function beyond({ type, data }, revision, sequence) {
  if (type !== "score_updated" && type !== "snapshot") return data.sequence > sequence ? [{ type, data }] : [];
  if (data.revision <= revision) return [];
  if (!Array.isArray(data.updates)) return [{ type, data }];
  return [{ type, data: { ...data, updates: data.updates.filter((update) => update.revision > revision) } }];
}
