/**
 * The order of events: each is emitted once, in the sequence order of its stream. Pure.
 *
 * An event whose predecessor is missing is buffered until its room has been synchronized, and so
 * is every event of a room while that is going on: what the snapshot contains is emitted before
 * it, the rest after it. A match's stream belongs to the match's own room, or else to its
 * tournament's.
 */

import { hasSequence, sequencesIn, streamKey, tournamentKeyOf } from "./rooms.ts";
import type { EventMessage, Subscribed } from "./protocol.ts";

type Answer = Pick<Subscribed, "snapshot" | "events">;

/** A request for a room's snapshot, with the sequences that were known when it was sent. */
export interface Sync {
  readonly key: string;
  readonly since: number | undefined;
  readonly known: ReadonlyMap<string, number | undefined>;
}

/** What to emit around a snapshot. */
export interface SyncResult {
  before: EventMessage[];
  after: EventMessage[];
  /** Newer events have been emitted already: the snapshot must not be. */
  isOutdated: boolean;
  /** Nothing newer than what the answer recovers has been emitted before it. */
  isInTime: boolean;
}

interface Stream {
  tournamentKey: string;
  latest: number | undefined;
  /** The highest sequence that any message has mentioned. */
  highestSeen: number;
  buffered: Map<number, EventMessage>;
}

export class Feed {
  readonly #rooms = new Set<string>();
  readonly #streams = new Map<string, Stream>();
  readonly #syncs = new Set<Sync>();
  /** The rooms of which events were emitted ahead of an answer: what was missing before them is not recovered. */
  readonly #skipped = new Set<string>();

  join(key: string): void {
    this.#rooms.add(key);
  }

  /** Forget a room, with the sequences that no other room keeps. */
  leave(key: string): void {
    this.#rooms.delete(key);
    for (const sync of this.#syncs) if (sync.key === key) this.#syncs.delete(sync);
    for (const stream of this.#streams.keys()) {
      if (!this.#roomOf(stream)) this.#streams.delete(stream);
    }
  }

  latest(stream: string): number | undefined {
    return this.#streams.get(stream)?.latest;
  }

  /** The events that may be emitted now that this one has been received. */
  receive(event: EventMessage): EventMessage[] {
    const key = streamKey(event);
    const stream = this.#stream(key, tournamentKeyOf(event.data));
    const room = this.#roomOf(key);
    if (!room) return [];
    this.#buffer(key, event);
    return this.#isSyncing(room) ? [] : takeConsecutive(stream);
  }

  /** A message has mentioned the latest sequence of a room's own stream. */
  noteSequence(key: string, sequence: number): void {
    if (!hasSequence({ sequence })) return;
    const stream = this.#stream(key, key);
    stream.highestSeen = Math.max(stream.highestSeen, sequence);
  }

  /** The rooms of which an event has not arrived. */
  roomsWithGaps(): Set<string> {
    const rooms = new Set<string>();
    for (const [key, stream] of this.#streams) {
      const room = this.#roomOf(key);
      if (room && stream.highestSeen > (stream.latest ?? 0)) rooms.add(room);
    }
    return rooms;
  }

  startSync(key: string): Sync {
    const known = new Map([...this.#streams].map(([name, { latest }]) => [name, latest]));
    const sync = { key, since: this.latest(key), known };
    this.#syncs.add(sync);
    return sync;
  }

  /** Buffer nothing for this answer any longer: the events to emit now, in order. */
  cancelSync(sync: Sync): EventMessage[] {
    const events = this.#syncs.delete(sync) ? this.#flush(sync.key) : [];
    if (events[0]) this.#skipped.add(sync.key);
    return events;
  }

  /**
   * The answer has arrived. `isFirst`: it is the room's first one on a new socket. Then its
   * sequences count even if they are lower than the known ones: the server was restored.
   */
  finishSync(sync: Sync, answer: Answer, isFirst: boolean): SyncResult {
    const sequences = this.#readSequences(sync, answer, isFirst);
    this.#syncs.delete(sync);
    const isOutdated = [...sequences].some(([stream, sequence]) => sequence < this.latest(stream)!);
    for (const event of answer.events) this.#buffer(streamKey(event), event);
    if (isOutdated) return { before: this.#flush(sync.key), after: [], isOutdated, isInTime: false };
    const before = this.#take(sync.key, (stream) => sequences.get(stream) ?? 0);
    for (const [name, sequence] of sequences) {
      const stream = this.#streams.get(name)!;
      // What the server does not have yet is mentioned again: do not ask for it all the time.
      stream.latest = stream.highestSeen = sequence;
    }
    return { before, after: this.#flush(sync.key), isOutdated, isInTime: !this.#skipped.delete(sync.key) };
  }

  /** The answer's sequences of the streams that the room keeps. */
  #readSequences({ key, known }: Sync, answer: Answer, isFirst: boolean): Map<string, number> {
    const sequences = sequencesIn(answer.snapshot);
    for (const [name, sequence] of sequences) {
      const stream = this.#stream(name, tournamentKeyOf(answer.snapshot));
      if (this.#roomOf(name) !== key) sequences.delete(name);
      else if (isFirst && (stream.latest === undefined || sequence < known.get(name)!)) {
        stream.latest = stream.highestSeen = sequence;
      }
    }
    return sequences;
  }

  /** Keep an event until it is emitted. While a sync is pending a low sequence may be a restored server's. */
  #buffer(key: string, event: EventMessage): void {
    const sequence = event.data.sequence as number;
    const stream = this.#streams.get(key);
    const oldest = this.#isSyncing(this.#roomOf(key)) ? 0 : (stream?.latest ?? 0);
    if (!stream || !(sequence > oldest) || !hasSequence({ sequence })) return;
    stream.buffered.set(sequence, event);
    this.noteSequence(key, sequence);
  }

  #flush(room: string): EventMessage[] {
    return this.#isSyncing(room) ? [] : this.#take(room, () => Infinity);
  }

  /** Take a room's buffered events, in order, up to a sequence; old ones are dropped. */
  #take(room: string, upTo: (stream: string) => number): EventMessage[] {
    const events: EventMessage[] = [];
    for (const [key, stream] of this.#streams) {
      if (this.#roomOf(key) === room) events.push(...takeUpTo(stream, upTo(key)));
    }
    return events;
  }

  #stream(key: string, tournamentKey: string): Stream {
    const stream = this.#streams.get(key) ?? {
      tournamentKey,
      latest: undefined,
      highestSeen: 0,
      buffered: new Map(),
    };
    this.#streams.set(key, stream);
    return stream;
  }

  #roomOf(stream: string): string | undefined {
    const tournamentKey = this.#streams.get(stream)?.tournamentKey;
    return [stream, tournamentKey].find((key) => key !== undefined && this.#rooms.has(key));
  }

  #isSyncing(room: string | undefined): boolean {
    return [...this.#syncs].some(({ key }) => key === room);
  }
}

/** Take the events that follow the latest one without a gap. */
function takeConsecutive(stream: Stream): EventMessage[] {
  const events: EventMessage[] = [];
  for (let next = (stream.latest ?? 0) + 1; stream.buffered.has(next); next += 1) {
    events.push(stream.buffered.get(next)!);
    stream.buffered.delete(next);
    stream.latest = next;
  }
  return events;
}

function takeUpTo(stream: Stream, upTo: number): EventMessage[] {
  const events: EventMessage[] = [];
  for (const sequence of [...stream.buffered.keys()].sort((a, b) => a - b)) {
    if (sequence > upTo) break;
    if (sequence > (stream.latest ?? 0)) {
      events.push(stream.buffered.get(sequence)!);
      stream.latest = sequence;
    }
    stream.buffered.delete(sequence);
  }
  return events;
}
