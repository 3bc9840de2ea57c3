/** One connection made of many sockets: when to open, replace, wait and end. */

import { Backoff } from "./backoff.ts";
import { Commands, RESPONSE_TIMEOUT_MS } from "./commands.ts";
import { Endpoint } from "./endpoint.ts";
import { ConnectionLost } from "./errors.ts";
import { Listeners } from "./listeners.ts";
import { Memberships } from "./memberships.ts";
import { SOCKET_EXPIRING, TOKEN_REQUIRED } from "./protocol.ts";
import { Timer } from "./timer.ts";
import { TokenRefresh } from "./token-refresh.ts";
import { Socket } from "./socket.ts";
import type { Disconnection } from "./disconnection.ts";
import type { Connection, Events, Options, Status } from "./interface.ts";
import type { Emit } from "./memberships.ts";
import type { Platform } from "./platform.ts";
import type {
  Accepted, ConnectionEstablished, ErrorMessage, EventMessage, Goodbye, MatchState, Message, Room,
  Subscribed,
} from "./protocol.ts";
import type { SocketOwner } from "./socket.ts";

export const LIFETIME_MS = 100 * 60_000;
const LIFETIME_JITTER = 0.1;
const STALE_AFTER_MS = 37_500;

export class ReconnectingConnection implements Connection, SocketOwner {
  readonly #platform: Platform;
  readonly #lifetimeMs: number;
  readonly #endpoint: Endpoint;
  readonly #backoff = new Backoff();
  readonly #listeners: Listeners<Events>;
  readonly #commands: Commands;
  readonly #memberships: Memberships;
  readonly #tokenRefresh: TokenRefresh;
  /** Established, and where commands are sent. */
  #live: Socket | null = null;
  /** Being opened, or joining the rooms before it replaces the live one. */
  #next: Socket | null = null;
  readonly #retryTimer: Timer;
  #retryAtMs: number | null = null;
  /** The server has named the time of the next attempt. */
  #isServerDelay = false;
  /** Waiting for the page to be shown or the network to be back. */
  #isPaused = false;
  readonly #lifetimeTimer: Timer;
  #stopWaking: (() => void) | null = null;
  #lastRevision = 0;
  #reason: string | null = null;
  #lastMessageAtMs: number | null = null;
  #staleAfterMs = STALE_AFTER_MS;
  #notified = "";

  constructor(options: Options, platform: Platform) {
    this.#platform = platform;
    this.#lifetimeMs = options.lifetimeMs ?? LIFETIME_MS;
    this.#retryTimer = new Timer(platform);
    this.#lifetimeTimer = new Timer(platform);
    this.#endpoint = new Endpoint(options, platform);
    this.#listeners = new Listeners(platform);
    this.#commands = new Commands(platform);
    const emit: Emit = (type, event) => this.#listeners.emit(type as keyof Events, event as never);
    this.#memberships = new Memberships(platform, this.#commands, emit);
    this.#tokenRefresh = new TokenRefresh(platform, this.#endpoint, this.#commands);
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
      lastMessageAtMs: this.#lastMessageAtMs,
      staleAfterMs: this.#staleAfterMs,
    };
  }

  on<K extends keyof Events>(type: K, listener: (event: Events[K]) => void): () => void {
    return this.#listeners.on(type, listener);
  }

  subscribe(room: Room, from?: { since: number }): Promise<Subscribed> {
    return this.#rejectionIfClosed() ?? this.#memberships.subscribe(room, from?.since);
  }

  unsubscribe(room: Room): Promise<void> {
    return this.#memberships.unsubscribe(room);
  }

  reportScore(
    match: string,
    score: [number, number],
    { details, updateId: update_id }: Parameters<Connection["reportScore"]>[2] = {},
  ): Promise<Accepted> {
    // The server's time, since officials whose clocks differ may report on one match.
    const nowMs = this.#platform.now() - this.#tokenRefresh.clockOffsetMs;
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
    this.#shutDown(null);
  }

  received(): void {
    this.#lastMessageAtMs = this.#platform.now();
  }

  established(socket: Socket, welcome: ConnectionEstablished): void {
    if (!this.#live) this.#promote(socket);
    void this.#memberships.joinAll(socket, welcome).then(() => this.#promote(socket));
  }

  message(socket: Socket, message: Message): void {
    if (message.code === "token_expired") void this.#tokenRefresh.refresh();
    if (this.#commands.settle(message)) return;
    if (message.type === "error") {
      this.#commands.rejectUnattributed(message as unknown as ErrorMessage);
      this.#listeners.emit("error", message as unknown as ErrorMessage);
    }
    // An id marks the response to a command that has timed out.
    else if (message.type && message.data && !message.id) {
      this.#memberships.receive(socket, message as unknown as EventMessage);
    }
  }

  goodbye(socket: Socket, goodbye: Goodbye, disconnection: Disconnection): void {
    if (!this.#isCurrent(socket)) return;
    if (goodbye.code === TOKEN_REQUIRED) this.#endpoint.rejectToken(goodbye.reason);
    this.#listeners.emit("goodbye", goodbye);
    if (goodbye.code === SOCKET_EXPIRING && goodbye.reconnect) this.#scheduleReconnect(disconnection);
  }

  closed(socket: Socket, disconnection: Disconnection): void {
    this.#discard(socket, disconnection.reason);
    if (!this.#isCurrent(socket)) return;
    if (socket === this.#next) this.#next = null;
    else this.#releaseLive();
    if (this.#next?.welcome) return this.#promote(this.#next);
    if (!this.#live) this.#reason = disconnection.reason;
    if (!disconnection.isFinal) return this.#scheduleReconnect(disconnection);
    // A live socket works on although its replacement was refused for good.
    if (!this.#live) this.#shutDown(disconnection.reason);
  }

  #open(): void {
    this.#stopWaiting();
    this.#stopWaking ??= this.#platform.onWake(() => this.#wake());
    const room = this.#live ? null : this.#memberships.roomForUrl();
    this.#next = new Socket(this.#platform, this, this.#endpoint.nextUrl(room));
    this.#memberships.attach(this.#next, room);
    // The caller of `connect` has not had time to add a listener.
    queueMicrotask(() => this.#notifyStatus());
  }

  /** Make the next socket the live one. */
  #promote(socket: Socket): void {
    if (socket !== this.#next) return;
    const old = this.#live;
    this.#next = null;
    this.#live = socket;
    this.#reason = null;
    this.#stopWaiting();
    this.#endpoint.acceptToken();
    this.#commands.switchTo(socket);
    this.#memberships.switchTo(socket);
    this.#tokenRefresh.start(socket);
    this.#limitLifetime();
    if (old) this.#retire(old);
    this.#notifyStatus();
  }

  #limitLifetime(): void {
    const { heartbeat_interval, heartbeat_timeout } = this.#live!.welcome!;
    this.#staleAfterMs = (heartbeat_interval + heartbeat_timeout) * 500;
    const lifetimeMs = this.#lifetimeMs * (1 - LIFETIME_JITTER * this.#platform.random());
    this.#lifetimeTimer.start(lifetimeMs, () => {
      if (!this.#next && !this.#isWaiting) this.#open();
    });
  }

  /** Close an old socket once its pending commands are answered, or have timed out. */
  #retire(old: Socket): void {
    const discard = () => this.#discard(old, "replaced");
    if (this.#commands.hasPending(old)) this.#platform.setTimeout(discard, RESPONSE_TIMEOUT_MS);
    else discard();
  }

  #discard(socket: Socket, reason: string | null): void {
    socket.close();
    this.#memberships.detach(socket);
    this.#commands.disconnect(reason, socket);
  }

  #releaseLive(): void {
    this.#backoff.recordUptime(this.#platform.now() - this.#live!.establishedAtMs);
    this.#live = null;
    this.#memberships.switchTo(null);
    this.#tokenRefresh.stop();
    this.#lifetimeTimer.stop();
  }

  /** Open the next socket after a delay, unless one is being opened. */
  #scheduleReconnect({ retryAfterMs }: Disconnection): void {
    if (!this.#next && !this.#isWaiting) {
      const jitter = this.#platform.random();
      const backoff = this.#backoff;
      const delayMs =
        retryAfterMs === null ? backoff.delayMs(jitter) : backoff.serverDelayMs(retryAfterMs, jitter);
      this.#isServerDelay = retryAfterMs !== null;
      this.#retryAtMs = this.#platform.now() + delayMs;
      this.#retryTimer.start(delayMs, () => this.#retry());
    }
    this.#notifyStatus();
  }

  #retry(): void {
    if (!this.#platform.isAsleep()) return this.#open();
    this.#stopWaiting();
    this.#isPaused = true;
    if (!this.#live) this.#reason = "offline";
    this.#notifyStatus();
  }

  #wake(): void {
    this.#live?.probe();
    if (this.#isPaused || (this.#isWaiting && !this.#isServerDelay)) this.#open();
  }

  #shutDown(reason: string | null): void {
    this.#stopWaiting();
    this.#stopWaking?.();
    this.#stopWaking = null;
    for (const socket of this.#memberships.sockets) this.#discard(socket, reason);
    this.#next = null;
    if (this.#live) this.#releaseLive();
    this.#reason = reason;
    this.#commands.disconnect(reason);
    this.#memberships.rejectWaiters(reason);
    this.#notifyStatus();
  }

  get #isWaiting(): boolean {
    return this.#isPaused || this.#retryTimer.isRunning;
  }

  #stopWaiting(): void {
    this.#retryTimer.stop();
    this.#retryAtMs = null;
    this.#isPaused = this.#isServerDelay = false;
  }

  #isCurrent(socket: Socket): boolean {
    return socket === this.#live || socket === this.#next;
  }

  async #command<Answer extends Accepted>(
    type: string,
    match: string,
    fields: object = {},
    isRetried = false,
  ): Promise<Answer> {
    const rejection = this.#rejectionIfClosed();
    if (rejection) return rejection;
    const { data } = await this.#commands.send({ type, match_id: match, ...fields }, { isRetried });
    return data as Answer;
  }

  #rejectionIfClosed(): Promise<never> | undefined {
    if (this.status.phase !== "closed") return undefined;
    return Promise.reject(new ConnectionLost(this.#reason, false));
  }

  #notifyStatus(): void {
    const { phase, reason, retryAtMs } = this.status;
    const notified = `${phase} ${reason} ${retryAtMs}`;
    if (notified === this.#notified) return;
    this.#notified = notified;
    this.#listeners.emit("status", this.status);
  }
}

function scores([participant1_score, participant2_score]: [number, number]): object {
  return { participant1_score, participant2_score };
}
