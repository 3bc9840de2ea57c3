/** A connection for audiences that may exceed a room: while it is full, the state is read over HTTP. */

import { browser, connect } from "./index.ts";
import { Listeners } from "./listeners.ts";
import type { CommandRefused } from "./errors.ts";
import type { Connection, Events, Options, Status } from "./interface.ts";
import type { Snapshot } from "./memberships.ts";
import type { Platform } from "./platform.ts";
import type { Message, Room, Subscribed } from "./protocol.ts";

/** Between two snapshots. Longer than a cache may keep one, so a later snapshot is never older. */
export const POLL_MS = 2_000;
/** While nothing changes. */
export const POLL_MAX_MS = 10_000;
const SLOWDOWN = 1.5;
/** Jitter, so that clients that were refused together do not ask together. */
const JITTER = 0.5;
/** Between two looks for a free place. */
export const PLACE_MS = 10_000;
const STALE_AFTER_MS = 3 * POLL_MAX_MS;
const FULL = "room_full";

interface Answer<Body> {
  status?: number;
  etag?: string | null;
  body?: Body | false;
}

/** As `connect`; the room is `match` or `tournament`, and `http` is the HTTP API's base URL. */
export function connectOrPoll(options: Options & { http: string }): Connection {
  return new OverflowConnection(options, options.platform ?? browser);
}

class OverflowConnection implements Connection {
  readonly #options: Options;
  readonly #platform: Platform;
  readonly #inner: Connection;
  readonly #listeners: Listeners<Events>;
  readonly #room: Room;
  #pollTimer: unknown;
  #placeTimer: unknown;
  #isPolling = false;
  #hasState = false;
  #token: string | null | undefined;
  #etag: string | null = null;
  #pollMs = POLL_MS;
  #readAtMs = 0;
  #lastMessageAtMs: number | null = null;
  #status: Status;
  #statusKey = "";

  constructor(options: Options, platform: Platform) {
    this.#options = options;
    this.#platform = platform;
    this.#room = options.match ? { match: options.match } : { tournament: options.tournament! };
    this.#listeners = new Listeners(platform);
    this.#inner = connect(options);
    this.#status = this.#inner.status;
    this.#inner.on("status", () => this.#receiveStatus());
    this.#inner.on("error", ({ code, data }) => {
      if (code === FULL && this.#isOwn({ ...this.#room, ...data })) this.#startPolling();
    });
    this.#inner.on("snapshot", (event) => {
      if (this.#isOwn(event.room)) {
        this.#hasState = true;
        this.#stopPolling();
      }
      this.#listeners.emit("snapshot", event);
    });
  }

  get status(): Status {
    return this.#status;
  }

  get serverTimeMs(): number {
    return this.#inner.serverTimeMs;
  }

  on<K extends keyof Events>(type: K, listener: (event: Events[K]) => void): () => void {
    const source = type === "status" || type === "snapshot" ? this.#listeners : this.#inner;
    return source.on(type, listener);
  }

  async subscribe(room: Room, from?: { since: number }): Promise<Subscribed> {
    try {
      return await this.#inner.subscribe(room, from);
    } catch (error) {
      if ((error as CommandRefused).code === FULL && this.#isOwn(room)) this.#startPolling();
      throw error;
    }
  }

  async unsubscribe(room: Room): Promise<void> {
    await this.#inner.unsubscribe(room);
    if (!this.#isPolling || !this.#isOwn(room)) return;
    this.#stopPolling();
    this.#inner.retryNow(); // without the room
  }

  command<Data>(message: Message, options?: { isRetried?: boolean }): Promise<Data> {
    return this.#inner.command(message, options);
  }

  retryNow(): void {
    this.#inner.retryNow();
  }

  close(): void {
    this.#stopPolling();
    this.#inner.close();
  }

  #isOwn(room: object): boolean {
    return JSON.stringify(room) === JSON.stringify(this.#room);
  }

  #receiveStatus(): void {
    const { phase, reason } = this.#inner.status;
    // A client without a place closes its connection: if each of them tried a handshake every ten
    // seconds, other clients could not connect.
    if (this.#isPolling && phase === "waiting" && reason === FULL) return this.#inner.close();
    // Refused for another reason, which an attempt has met.
    if (phase === "closed" && reason) this.#stopPolling();
    this.#notifyStatus();
  }

  #startPolling(): void {
    if (this.#isPolling) return;
    this.#isPolling = true;
    this.#pollMs = POLL_MS;
    this.#etag = null;
    this.#token = undefined;
    this.#readAtMs = this.#platform.monotonicMs();
    this.#lastMessageAtMs = this.#inner.status.lastMessageAtMs;
    // A snapshot that a cache has kept could be older than what was received until now.
    this.#pollAfter(this.#hasState ? POLL_MS : 0);
    this.#awaitPlace();
    this.#notifyStatus();
  }

  #stopPolling(): void {
    this.#isPolling = false;
    this.#platform.clearTimeout(this.#pollTimer);
    this.#platform.clearTimeout(this.#placeTimer);
    this.#notifyStatus();
  }

  async #poll(): Promise<void> {
    const [kind, id] = Object.entries(this.#room)[0]!;
    const path = `${kind === "match" ? "matches" : "tournaments"}/${id}`;
    const { status, etag, body } = await this.#read<Snapshot["snapshot"]>(path, this.#etag);
    if (!this.#isPolling) return;
    if (body) this.#receive(body, etag!);
    if (body || status === 304) this.#readAtMs = this.#platform.monotonicMs();
    this.#pollMs = body ? POLL_MS : Math.min(POLL_MAX_MS, this.#pollMs * SLOWDOWN);
    this.#pollAfter(this.#pollMs);
    this.#notifyStatus();
  }

  #pollAfter(delayMs: number): void {
    const jittered = delayMs * (1 + JITTER * this.#platform.random());
    this.#pollTimer = this.#platform.setTimeout(() => this.#poll(), jittered);
  }

  #receive(snapshot: Snapshot["snapshot"], etag: string | null): void {
    this.#etag = etag;
    this.#lastMessageAtMs = this.#platform.now();
    const unknown = { viewers: null, recovered: false, established: false };
    const role = { role: "spectator", is_participant: false } as const;
    this.#listeners.emit("snapshot", { room: this.#room, snapshot, ...unknown, ...role });
  }

  /** Without a body unless the answer is a success; empty if there is none. */
  async #read<Body>(path: string, tag: string | null): Promise<Answer<Body>> {
    try {
      if (this.#token === undefined) this.#token = (await this.#options.token?.()) ?? null;
      const headers = {
        ...(this.#token && { authorization: `Bearer ${this.#token}` }),
        ...(tag && { "if-none-match": tag }),
      };
      const response = await this.#platform.fetch(this.#options.http!.replace(/\/*$/, "/") + path, { headers });
      const { ok, status } = response;
      if (status === 401) this.#token = undefined;
      return { status, etag: response.headers.get("etag"), body: ok && (await response.json()) };
    } catch {
      return {};
    }
  }

  /** Look for a free place now and then. */
  #awaitPlace(): void {
    this.#placeTimer = this.#platform.setTimeout(async () => {
      const path = `rooms/${Object.values(this.#room)[0]}`;
      const { capacity, viewers } = Object((await this.#read(path, null)).body);
      if (!this.#isPolling) return;
      // Not all clients for one place: twice as many as there are free places, of a crowd of this capacity.
      const isChosen = this.#platform.random() < (2 * (capacity - viewers)) / capacity;
      if (isChosen) this.#enter();
      this.#awaitPlace();
    }, PLACE_MS * (1 + this.#platform.random()));
  }

  #enter(): void {
    if (this.#inner.status.phase === "live") this.#inner.subscribe(this.#room).catch(() => null);
    else this.#inner.retryNow();
  }

  /** Make a new status and emit it, if anything has changed. */
  #notifyStatus(): void {
    const status = this.#isPolling ? this.#pollingStatus() : this.#inner.status;
    const key = JSON.stringify({ ...status, lastMessageAtMs: 0 });
    if (key === this.#statusKey) return;
    this.#statusKey = key;
    this.#status = status;
    this.#listeners.emit("status", status);
  }

  #pollingStatus(): Status {
    const isStale = this.#platform.monotonicMs() - this.#readAtMs > STALE_AFTER_MS;
    return { phase: "polling", reason: FULL, retryAtMs: null, isStale, lastMessageAtMs: this.#lastMessageAtMs };
  }
}
