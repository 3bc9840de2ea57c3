/** One lasting connection made of many sockets: when to open, replace, wait and end. */

import { Address } from "./address.ts";
import { Backoff } from "./backoff.ts";
import { ANSWER_MS, Commands } from "./commands.ts";
import { ConnectionLost } from "./errors.ts";
import { Listeners } from "./listeners.ts";
import { Memberships } from "./memberships.ts";
import { NEW_TOKEN_NEEDED, SOCKET_TOO_OLD } from "./protocol.ts";
import { Renewal } from "./renewal.ts";
import { Timer } from "./timer.ts";
import { Socket } from "./socket.ts";
import type { Loss } from "./address.ts";
import type { Connection, Events, Options, Status } from "./interface.ts";
import type { Tell } from "./memberships.ts";
import type { Platform } from "./platform.ts";
import type {
  Accepted, ErrorFrame, Established, Frame, Goodbye, MatchState, Room, Subscribed, Told,
} from "./protocol.ts";
import type { Owner } from "./socket.ts";

export const LIFETIME_MS = 100 * 60_000;
const LIFETIME_JITTER = 0.1;
const STALE_AFTER_MS = 37_500;

export class LastingConnection implements Connection, Owner {
  readonly #platform: Platform;
  readonly #lifetimeMs: number;
  readonly #address: Address;
  readonly #backoff = new Backoff();
  readonly #listeners: Listeners<Events>;
  readonly #commands: Commands;
  readonly #memberships: Memberships;
  readonly #renewal: Renewal;
  /** Greeted, and where commands go. */
  #live: Socket | null = null;
  /** Being opened, or joining the rooms before it takes the place of the live one. */
  #next: Socket | null = null;
  readonly #retryTimer: Timer;
  #retryAtMs: number | null = null;
  /** The server has named the time of the next try. */
  #isAskedToWait = false;
  /** Waiting for the page to be shown or the network to be back. */
  #isPaused = false;
  readonly #lifetimeTimer: Timer;
  #stopWaking: (() => void) | null = null;
  #lastRevision = 0;
  #reason: string | null = null;
  #heardAtMs: number | null = null;
  #staleAfterMs = STALE_AFTER_MS;
  #told = "";

  constructor(options: Options, platform: Platform) {
    this.#platform = platform;
    this.#lifetimeMs = options.lifetimeMs ?? LIFETIME_MS;
    this.#retryTimer = new Timer(platform);
    this.#lifetimeTimer = new Timer(platform);
    this.#address = new Address(options, platform);
    this.#listeners = new Listeners(platform);
    this.#commands = new Commands(platform);
    const tell: Tell = (type, event) => this.#listeners.tell(type as keyof Events, event as never);
    this.#memberships = new Memberships(platform, this.#commands, tell);
    this.#renewal = new Renewal(platform, this.#address, this.#commands);
    const { match, tournament } = options;
    if (match ?? tournament) this.#memberships.add(match ? { match } : { tournament: tournament! });
    this.#open();
  }

  get status(): Status {
    const notLive = this.#next ? "connecting" : this.#isWaiting ? "waiting" : "closed";
    const phase = this.#live ? "live" : notLive;
    return {
      phase,
      reason: this.#reason,
      retryAtMs: phase === "waiting" ? this.#retryAtMs : null,
      heardAtMs: this.#heardAtMs,
      staleAfterMs: this.#staleAfterMs,
    };
  }

  on<K extends keyof Events>(type: K, listener: (event: Events[K]) => void): () => void {
    return this.#listeners.on(type, listener);
  }

  subscribe(room: Room, from?: { since: number }): Promise<Subscribed> {
    return this.#unlessClosed() ?? this.#memberships.enter(room, from?.since);
  }

  unsubscribe(room: Room): Promise<void> {
    return this.#memberships.leave(room);
  }

  reportScore(
    match: string,
    score: [number, number],
    { details, updateId: update_id }: Parameters<Connection["reportScore"]>[2] = {},
  ): Promise<Accepted> {
    // The server's time, since officials whose clocks differ report on one match.
    const nowMs = this.#platform.now() - this.#renewal.offsetMs;
    const client_revision = (this.#lastRevision = Math.max(this.#lastRevision + 1, nowMs));
    update_id ??= `${client_revision}-${this.#platform.random().toString(36).slice(2)}`;
    const fields = { ...scores(score), details, client_revision, update_id };
    return this.#command("score_update", match, fields, true);
  }

  start(match: string): Promise<Accepted> {
    return this.#command("match_start", match);
  }

  complete(
    match: string,
    { winner, score, details }: Parameters<Connection["complete"]>[1],
  ): Promise<Accepted> {
    const fields = { winner_id: winner, ...(score && scores(score)), details };
    return this.#command("match_complete", match, fields);
  }

  changeState(match: string, state: MatchState): Promise<Accepted> {
    return this.#command("match_state_change", match, { new_state: state });
  }

  dispute(match: string, reason: string): ReturnType<Connection["dispute"]> {
    return this.#command("dispute_create", match, { reason });
  }

  retryNow(): void {
    if (!this.#live && !this.#next) this.#open();
  }

  close(): void {
    this.#finish(null);
  }

  heard(): void {
    this.#heardAtMs = this.#platform.now();
  }

  established(socket: Socket, greeting: Established): void {
    if (!this.#live) this.#promote(socket);
    void this.#memberships.greet(socket, greeting).then(() => this.#promote(socket));
  }

  frame(socket: Socket, frame: Frame): void {
    if (frame.code === "token_expired") void this.#renewal.renew();
    if (this.#commands.answer(frame)) return;
    if (frame.type === "error") {
      this.#commands.refuseOne(frame as unknown as ErrorFrame);
      this.#listeners.tell("error", frame as unknown as ErrorFrame);
    }
    // Answers that nobody waits for any longer have an id.
    else if (frame.type && frame.data && !frame.id) {
      this.#memberships.hear(socket, frame as unknown as Told);
    }
  }

  goodbye(socket: Socket, goodbye: Goodbye, loss: Loss): void {
    if (!this.#isOurs(socket)) return;
    if (goodbye.code === NEW_TOKEN_NEEDED) this.#address.reject(goodbye.reason);
    this.#listeners.tell("goodbye", goodbye);
    if (goodbye.code === SOCKET_TOO_OLD && goodbye.reconnect) this.#comeBack(loss);
  }

  lost(socket: Socket, loss: Loss): void {
    this.#drop(socket, loss.reason);
    if (!this.#isOurs(socket)) return;
    if (socket === this.#next) this.#next = null;
    else this.#leaveLive();
    if (this.#next?.greeting) return this.#promote(this.#next);
    if (!this.#live) this.#reason = loss.reason;
    if (!loss.isFinal) return this.#comeBack(loss);
    // While a socket stands, it is good; when it ends, there is time to learn of no other.
    if (!this.#live) this.#finish(loss.reason);
  }

  #open(): void {
    this.#stopWaiting();
    this.#stopWaking ??= this.#platform.onWake(() => this.#wake());
    const room = this.#live ? null : this.#memberships.roomForUrl();
    this.#next = new Socket(this.#platform, this, this.#address.next(room));
    this.#memberships.begin(this.#next, room);
    // Whoever has just called `connect` has had no time to listen.
    queueMicrotask(() => this.#change());
  }

  /** The next socket takes the live one's place, if it has one. */
  #promote(socket: Socket): void {
    if (socket !== this.#next) return;
    const old = this.#live;
    this.#next = null;
    this.#live = socket;
    this.#reason = null;
    this.#stopWaiting();
    this.#address.use();
    this.#commands.goTo(socket);
    this.#memberships.goTo(socket);
    this.#renewal.attend(socket);
    this.#limitLifetime();
    if (old) this.#retire(old);
    this.#change();
  }

  #limitLifetime(): void {
    const { heartbeat_interval, heartbeat_timeout } = this.#live!.greeting!;
    this.#staleAfterMs = (heartbeat_interval + heartbeat_timeout) * 500;
    const lifetimeMs = this.#lifetimeMs * (1 - LIFETIME_JITTER * this.#platform.random());
    this.#lifetimeTimer.start(lifetimeMs, () => {
      if (!this.#next && !this.#isWaiting) this.#open();
    });
  }

  /** Close an old socket once its answers have come, or have had their time. */
  #retire(old: Socket): void {
    const drop = () => this.#drop(old, "replaced");
    if (this.#commands.waitingFor(old)) this.#platform.setTimeout(drop, ANSWER_MS);
    else drop();
  }

  #drop(socket: Socket, reason: string | null): void {
    socket.close();
    this.#memberships.drop(socket);
    this.#commands.lose(reason, socket);
  }

  #leaveLive(): void {
    this.#backoff.stood(this.#platform.now() - this.#live!.sinceMs);
    this.#live = null;
    this.#memberships.goTo(null);
    this.#renewal.stop();
    this.#lifetimeTimer.stop();
  }

  /** Open the next socket when it is time for it, unless one is on its way. */
  #comeBack({ waitMs: askedMs }: Loss): void {
    if (!this.#next && !this.#isWaiting) {
      const lot = this.#platform.random();
      const backoff = this.#backoff;
      const waitMs = askedMs === null ? backoff.nextMs(lot) : backoff.askedMs(askedMs, lot);
      this.#isAskedToWait = askedMs !== null;
      this.#retryAtMs = this.#platform.now() + waitMs;
      this.#retryTimer.start(waitMs, () => this.#retry());
    }
    this.#change();
  }

  #retry(): void {
    if (!this.#platform.isAsleep()) return this.#open();
    this.#stopWaiting();
    this.#isPaused = true;
    if (!this.#live) this.#reason = "offline";
    this.#change();
  }

  #wake(): void {
    this.#live?.probe();
    if (this.#isPaused || (this.#isWaiting && !this.#isAskedToWait)) this.#open();
  }

  #finish(reason: string | null): void {
    this.#stopWaiting();
    this.#stopWaking?.();
    this.#stopWaking = null;
    for (const socket of this.#memberships.sockets) this.#drop(socket, reason);
    this.#next = null;
    if (this.#live) this.#leaveLive();
    this.#reason = reason;
    this.#commands.lose(reason);
    this.#memberships.end(reason);
    this.#change();
  }

  get #isWaiting(): boolean {
    return this.#isPaused || this.#retryTimer.isSet;
  }

  #stopWaiting(): void {
    this.#retryTimer.stop();
    this.#retryAtMs = null;
    this.#isPaused = this.#isAskedToWait = false;
  }

  #isOurs(socket: Socket): boolean {
    return socket === this.#live || socket === this.#next;
  }

  async #command<Answer extends Accepted>(
    type: string,
    match: string,
    fields: object = {},
    repeats = false,
  ): Promise<Answer> {
    const closed = this.#unlessClosed();
    if (closed) return closed;
    const { data } = await this.#commands.ask({ type, match_id: match, ...fields }, { repeats });
    return data as Answer;
  }

  #unlessClosed(): Promise<never> | undefined {
    if (this.status.phase !== "closed") return undefined;
    return Promise.reject(new ConnectionLost(this.#reason, false));
  }

  #change(): void {
    const { phase, reason, retryAtMs } = this.status;
    const now = `${phase} ${reason} ${retryAtMs}`;
    if (now === this.#told) return;
    this.#told = now;
    this.#listeners.tell("status", this.status);
  }
}

function scores([participant1_score, participant2_score]: [number, number]): object {
  return { participant1_score, participant2_score };
}
