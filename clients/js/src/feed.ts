/**
 * The order of events: each is told once, in the order of its stream's numbers. Pure.
 *
 * An event whose predecessor is missing waits until its room has been asked again, and so do all
 * events of a room while it is being asked: what its snapshot knows is told before it, the rest
 * after it. A match's stream belongs to the match's own room, or else to its tournament's.
 */

import { homeKey, numbersIn, streamKey } from "./rooms.ts";
import type { Subscribed, Told } from "./protocol.ts";

type Answer = Pick<Subscribed, "snapshot" | "events">;

/** One asking, with the numbers that were known when it began. */
export interface Asked {
  readonly key: string;
  readonly since: number | undefined;
  readonly known: ReadonlyMap<string, number>;
}

/** What to tell around a snapshot; one that is older than what has been told is not to be told. */
export interface Settled {
  before: Told[];
  after: Told[];
  isOutdated: boolean;
  /** Nothing that is newer than what the answer recovers has been told meanwhile. */
  isInTime: boolean;
}

interface Stream {
  /** The tournament's key. */
  home: string;
  newest: number | undefined;
  /** The highest number that any frame has mentioned. */
  mentioned: number;
  held: Map<number, Told>;
}

export class Feed {
  readonly #rooms = new Set<string>();
  readonly #streams = new Map<string, Stream>();
  readonly #asked = new Set<Asked>();

  enter(key: string): void {
    this.#rooms.add(key);
  }

  /** Forget a room, with the numbers that no other room keeps. */
  leave(key: string): void {
    this.#rooms.delete(key);
    for (const asked of this.#asked) if (asked.key === key) this.#asked.delete(asked);
    for (const stream of this.#streams.keys()) {
      if (this.#roomOf(stream) === undefined) this.#streams.delete(stream);
    }
  }

  newest(stream: string): number | undefined {
    return this.#streams.get(stream)?.newest;
  }

  /** What may be told now that this event has come. */
  hear(event: Told): Told[] {
    const key = streamKey(event);
    const stream = this.#stream(key, homeKey(event.data));
    const room = this.#roomOf(key);
    if (room === undefined) return [];
    this.#hold(key, event);
    return this.#isAsked(room) ? [] : following(stream);
  }

  /** A frame has mentioned the newest number of a room's own stream. */
  mention(key: string, number: number): void {
    const stream = this.#stream(key, key);
    stream.mentioned = Math.max(stream.mentioned, number);
  }

  /** The rooms that must be asked again, because something of theirs has not come. */
  behind(): Set<string> {
    const rooms = new Set<string>();
    for (const [key, stream] of this.#streams) {
      const room = this.#roomOf(key);
      if (room !== undefined && stream.mentioned > (stream.newest ?? 0)) rooms.add(room);
    }
    return rooms;
  }

  ask(key: string): Asked {
    const known = new Map([...this.#streams].map(([name, { newest }]) => [name, newest ?? 0]));
    const asked = { key, since: this.newest(key), known };
    this.#asked.add(asked);
    return asked;
  }

  /** Hold nothing back for this answer any longer: what there is is told, in order. */
  giveUp(asked: Asked): Told[] {
    return this.#asked.delete(asked) ? this.#rest(asked.key) : [];
  }

  /**
   * The answer has come. `isFirst`: it is the room's first one on a new socket. Its numbers rule
   * where none were known, or higher ones, when it was asked for: then the server was restored.
   */
  settle(asked: Asked, answer: Answer, isFirst: boolean): Settled {
    const numbers = this.#learn(asked, answer, isFirst);
    const isInTime = this.#asked.delete(asked);
    const isOutdated = [...numbers].some(([stream, number]) => number < (this.newest(stream) ?? 0));
    for (const event of answer.events) this.#hold(streamKey(event), event);
    if (isOutdated) return { before: this.#rest(asked.key), after: [], isOutdated, isInTime };
    const before = this.#release(asked.key, (stream) => numbers.get(stream) ?? 0);
    for (const [stream, number] of numbers) this.#streams.get(stream)!.newest = number;
    return { before, after: this.#rest(asked.key), isOutdated, isInTime };
  }

  /** The answer's numbers of the streams that the room keeps. */
  #learn({ key, known }: Asked, answer: Answer, isFirst: boolean): Map<string, number> {
    const numbers = numbersIn(answer.snapshot);
    for (const [name, number] of numbers) {
      const stream = this.#stream(name, homeKey(answer.snapshot));
      if (this.#roomOf(name) !== key) numbers.delete(name);
      else if (isFirst && (stream.newest === undefined || number < (known.get(name) ?? 0))) {
        stream.newest = stream.mentioned = number;
      }
    }
    return numbers;
  }

  /** Keep an event until it is told. Old numbers may be new ones of a server that was restored. */
  #hold(key: string, event: Told): void {
    const number = event.data.sequence as number;
    const stream = this.#streams.get(key);
    if (!stream || !(number > (this.#isAsked(this.#roomOf(key)) ? 0 : stream.newest ?? 0))) return;
    stream.held.set(number, event);
    this.mention(key, number);
  }

  #rest(room: string): Told[] {
    return this.#isAsked(room) ? [] : this.#release(room, () => Infinity);
  }

  /** Take what is held of a room's streams, in order, up to a bound; what is old is dropped. */
  #release(room: string, upTo: (stream: string) => number): Told[] {
    const told: Told[] = [];
    for (const [key, stream] of this.#streams) {
      if (this.#roomOf(key) === room) told.push(...released(stream, upTo(key)));
    }
    return told;
  }

  #stream(key: string, home: string): Stream {
    const stream = this.#streams.get(key) ?? {
      home,
      newest: undefined,
      mentioned: 0,
      held: new Map(),
    };
    this.#streams.set(key, stream);
    return stream;
  }

  #roomOf(stream: string): string | undefined {
    const home = this.#streams.get(stream)?.home;
    return [stream, home].find((key) => key !== undefined && this.#rooms.has(key));
  }

  #isAsked(room: string | undefined): boolean {
    return [...this.#asked].some(({ key }) => key === room);
  }
}

/** Take what follows the newest number without a gap. */
function following(stream: Stream): Told[] {
  const told: Told[] = [];
  for (let next = (stream.newest ?? 0) + 1; stream.held.has(next); next += 1) {
    told.push(stream.held.get(next)!);
    stream.held.delete(next);
    stream.newest = next;
  }
  return told;
}

function released(stream: Stream, upTo: number): Told[] {
  const told: Told[] = [];
  for (const number of [...stream.held.keys()].sort((a, b) => a - b)) {
    if (number > upTo) break;
    if (number > (stream.newest ?? 0)) {
      told.push(stream.held.get(number)!);
      stream.newest = number;
    }
    stream.held.delete(number);
  }
  return told;
}
