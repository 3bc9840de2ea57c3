/** One socket, from its URL to its end: welcome, heartbeat, goodbye. */

import { disconnection, fromError, fromGoodbye } from "./disconnection.ts";
import { Heartbeat } from "./heartbeat.ts";
import { Timer } from "./timer.ts";
import { SOCKET_EXPIRING, parseMessage, unpack } from "./protocol.ts";
import type { Disconnection } from "./disconnection.ts";
import type { Platform, RawSocket } from "./platform.ts";
import type { ConnectionEstablished, Goodbye, Message } from "./protocol.ts";

/** From the request for a URL to the welcome message. */
export const WELCOME_TIMEOUT_MS = 15_000;
const OPEN = 1;

/** Receives what happens on a socket. Nothing follows `onClosed`. */
export interface SocketOwner {
  /** Every message is a sign of life, one that cannot be parsed too. */
  onReceived(): void;
  /** The server has been silent for too long. */
  onStale(): void;
  onEstablished(socket: Socket, welcome: ConnectionEstablished): void;
  onMessage(socket: Socket, message: Message): void;
  onGoodbye(socket: Socket, goodbye: Goodbye, disconnection: Disconnection): void;
  onClosed(socket: Socket, disconnection: Disconnection): void;
}

export class Socket {
  establishedAtMs = 0;
  /** Null until the server has sent it. */
  welcome: ConnectionEstablished | null = null;
  readonly #platform: Platform;
  readonly #owner: SocketOwner;
  readonly #heartbeat: Heartbeat;
  #raw: RawSocket | null = null;
  #disconnection: Disconnection | null = null;
  readonly #timer: Timer;
  #isClosed = false;

  constructor(platform: Platform, owner: SocketOwner, url: Promise<string>) {
    this.#platform = platform;
    this.#owner = owner;
    this.#heartbeat = new Heartbeat(platform.monotonicMs());
    this.#timer = new Timer(platform);
    this.#timer.start(WELCOME_TIMEOUT_MS, () => this.#end(disconnection("no_welcome")));
    url.then((found) => this.#open(found)).catch((error) => this.#end(fromError(error)));
  }

  /** Nothing has been received for longer than the server is ever silent. */
  get isStale(): boolean {
    return this.#heartbeat.isStale;
  }

  send(message: Message): void {
    if (this.#raw?.readyState === OPEN) this.#raw.send(JSON.stringify(message));
  }

  /** Find out soon whether it is still alive. */
  probe(): void {
    if (this.#heartbeat.probe(this.#platform.monotonicMs())) this.#ping();
    this.#scheduleCheck();
  }

  /** Close it without notifying the owner. */
  close(): void {
    this.#isClosed = true;
    this.#timer.stop();
    this.#raw?.close();
  }

  #open(url: string): void {
    if (this.#isClosed) return;
    const raw = (this.#raw = this.#platform.openSocket(url));
    raw.onmessage = ({ data }) => this.#isClosed || this.#receive(parseMessage(data));
    raw.onclose = () =>
      this.#end(this.#disconnection ?? disconnection(this.welcome ? "connection_lost" : "handshake_refused"));
  }

  #receive(message: Message): void {
    this.#heartbeat.received(this.#platform.monotonicMs());
    this.#owner.onReceived();
    if (message.type === "connection_established") this.#establish(message.data as ConnectionEstablished);
    else if (message.type === "goodbye") this.#handleGoodbye(message as unknown as Goodbye);
    else if (message.type === "ping") this.send({ type: "pong" });
    else for (const one of unpack(message)) this.#owner.onMessage(this, one);
    if (this.welcome) this.#scheduleCheck();
  }

  #establish(welcome: ConnectionEstablished): void {
    if (this.welcome || !isComplete(welcome)) return; // delivered at least once
    this.establishedAtMs = this.#platform.monotonicMs();
    this.welcome = welcome;
    this.#heartbeat.intervalMs = welcome.heartbeat_interval * 1000;
    this.#heartbeat.timeoutMs = welcome.heartbeat_timeout * 1000;
    this.#owner.onEstablished(this, welcome);
  }

  #handleGoodbye(goodbye: Goodbye): void {
    this.#disconnection = fromGoodbye(goodbye);
    this.#owner.onGoodbye(this, goodbye, this.#disconnection);
    // A socket that is only about to expire keeps working until the server closes it.
    if (goodbye.code !== SOCKET_EXPIRING) this.#end(this.#disconnection);
  }

  #scheduleCheck(): void {
    if (this.#isClosed) return;
    this.#timer.start(this.#heartbeat.dueAtMs - this.#platform.monotonicMs(), () => {
      const action = this.#heartbeat.check(this.#platform.monotonicMs());
      if (this.isStale) this.#owner.onStale();
      if (action === "dead") return this.#end(this.#disconnection ?? disconnection("silence"));
      if (action === "ping") this.#ping();
      this.#scheduleCheck();
    });
  }

  #ping(): void {
    this.send({ type: "ping", timestamp: this.#platform.now() });
  }

  #end(reason: Disconnection): void {
    if (this.#isClosed) return;
    this.close();
    this.#owner.onClosed(this, reason);
  }
}

function isComplete(welcome: Partial<ConnectionEstablished> | null): boolean {
  const { heartbeat_interval, heartbeat_timeout, server_time } = welcome ?? {};
  return [heartbeat_interval, heartbeat_timeout, server_time].every(Number.isFinite);
}
