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
  ConnectionEstablished, ErrorMessage, EventMessage, Goodbye, Message, Room, Subscribed,
} from "./protocol.ts";
import type { SocketOwner } from "./socket.ts";

export const LIFETIME_MS = 100 * 60_000;
const LIFETIME_JITTER = 0.1;

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
  #reason: string | null = null;
  #lastMessageAtMs: number | null = null;
  #status!: Status;
  #statusKey = "";

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
    return this.#status;
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

  command<Data>(message: Message, { isRetried = false } = {}): Promise<Data> {
    return this.#rejectionIfClosed() ?? this.#commands.send(message, { isRetried });
  }

  get serverTimeMs(): number {
    return this.#platform.monotonicMs() - this.#tokenRefresh.clockOffsetMs;
  }

  retryNow(): void {
    if (!this.#live && !this.#next) this.#open();
  }

  close(): void {
    this.#shutDown(null);
  }

  onReceived(): void {
    this.#lastMessageAtMs = this.#platform.now();
    if (this.#status.isStale) this.#notifyStatus();
  }

  onStale(): void {
    this.#notifyStatus();
  }

  onEstablished(socket: Socket, welcome: ConnectionEstablished): void {
    if (!this.#live) this.#promote(socket);
    void this.#memberships.joinAll(socket, welcome).then(() => this.#promote(socket));
  }

  onMessage(socket: Socket, message: Message): void {
    if (message.type === "error" && typeof message.code !== "string") return;
    if (message.code === "token_expired") void this.#tokenRefresh.refresh();
    if (this.#commands.settle(message)) return;
    if (typeof message.type !== "string") return;
    if (message.type === "error") {
      this.#commands.rejectUnattributed(message as unknown as ErrorMessage);
      this.#listeners.emit("error", message as unknown as ErrorMessage);
    }
    // An id marks the response to a command that has timed out.
    else if (message.data && !message.id) {
      this.#memberships.receive(socket, message as unknown as EventMessage);
    }
  }

  onGoodbye(socket: Socket, goodbye: Goodbye, disconnection: Disconnection): void {
    if (!this.#isCurrent(socket)) return;
    if (goodbye.code === TOKEN_REQUIRED) this.#endpoint.rejectToken(disconnection.reason);
    this.#listeners.emit("goodbye", goodbye);
    if (goodbye.code === SOCKET_EXPIRING && goodbye.reconnect) this.#scheduleReconnect(disconnection);
  }

  onClosed(socket: Socket, disconnection: Disconnection): void {
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
    this.#notifyStatus();
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
    this.#backoff.recordUptime(this.#platform.monotonicMs() - this.#live!.establishedAtMs);
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

  #rejectionIfClosed(): Promise<never> | undefined {
    if (this.#status.phase !== "closed") return undefined;
    return Promise.reject(new ConnectionLost(this.#reason, false));
  }

  /** Make a new status and emit it, if anything has changed. */
  #notifyStatus(): void {
    const notLive = this.#next ? "connecting" : this.#isWaiting ? "waiting" : "closed";
    const phase = this.#live ? "live" : notLive;
    const retryAtMs = phase === "waiting" ? this.#retryAtMs : null;
    const isStale = !!this.#live?.isStale;
    const status = { phase, reason: this.#reason, retryAtMs, isStale } as const;
    const key = JSON.stringify(status);
    if (key === this.#statusKey) return;
    this.#statusKey = key;
    this.#status = { ...status, lastMessageAtMs: this.#lastMessageAtMs };
    this.#listeners.emit("status", this.#status);
  }
}
