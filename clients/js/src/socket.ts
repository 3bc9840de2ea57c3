/** One socket, from its address to its end: greeting, heartbeat, last word. */

import { lossBy, lossOf } from "./address.ts";
import { Heartbeat } from "./heartbeat.ts";
import { Timer } from "./timer.ts";
import { SOCKET_TOO_OLD, frameOf } from "./protocol.ts";
import type { Loss } from "./address.ts";
import type { Platform, RawSocket } from "./platform.ts";
import type { Established, Frame, Goodbye } from "./protocol.ts";

/** From the address to the greeting. */
export const WELCOME_WITHIN_MS = 15_000;
const OPEN = 1;

/** Who is told what becomes of a socket. Nothing comes after `lost`. */
export interface Owner {
  /** Any frame is a sign of life, one that cannot be read too. */
  heard(): void;
  established(socket: Socket, data: Established): void;
  frame(socket: Socket, frame: Frame): void;
  goodbye(socket: Socket, goodbye: Goodbye, loss: Loss): void;
  lost(socket: Socket, loss: Loss): void;
}

export class Socket {
  /** When it was greeted. */
  sinceMs = 0;
  /** What it was greeted with; null before. */
  greeting: Established | null = null;
  readonly #platform: Platform;
  readonly #owner: Owner;
  readonly #heartbeat: Heartbeat;
  #raw: RawSocket | null = null;
  #loss: Loss | null = null;
  readonly #timer: Timer;
  #isOver = false;

  constructor(platform: Platform, owner: Owner, address: Promise<string>) {
    this.#platform = platform;
    this.#owner = owner;
    this.#heartbeat = new Heartbeat(platform.now());
    this.#timer = new Timer(platform);
    this.#timer.start(WELCOME_WITHIN_MS, () => this.#end(lossOf("no_welcome")));
    address.then((url) => this.#open(url)).catch((fault) => this.#end(asLoss(fault)));
  }

  send(frame: Frame): void {
    if (this.#raw?.readyState === OPEN) this.#raw.send(JSON.stringify(frame));
  }

  /** Find out soon whether it still lives. */
  probe(): void {
    if (this.#heartbeat.probe(this.#platform.now())) this.#ping();
    this.#watch();
  }

  /** Let go of it, without a word to its owner. */
  close(): void {
    this.#isOver = true;
    this.#timer.stop();
    this.#raw?.close();
  }

  #open(url: string): void {
    if (this.#isOver) return;
    const raw = (this.#raw = this.#platform.openSocket(url));
    raw.onmessage = ({ data }) => this.#isOver || this.#hear(frameOf(data));
    raw.onclose = () =>
      this.#end(this.#loss ?? lossOf(this.greeting ? "connection_lost" : "handshake_refused"));
  }

  #hear(frame: Frame): void {
    this.#heartbeat.heard(this.#platform.now());
    this.#owner.heard();
    if (frame.type === "connection_established") this.#settle(frame.data as Established);
    else if (frame.type === "goodbye") this.#obey(frame as unknown as Goodbye);
    else if (frame.type === "ping") this.send({ type: "pong" });
    else this.#owner.frame(this, frame);
    if (this.greeting) this.#watch();
  }

  #settle(data: Established): void {
    if (this.greeting) return; // a greeting may come twice
    this.sinceMs = this.#platform.now();
    this.greeting = data;
    this.#heartbeat.intervalMs = data.heartbeat_interval * 1000;
    this.#heartbeat.timeoutMs = data.heartbeat_timeout * 1000;
    this.#owner.established(this, data);
  }

  #obey(goodbye: Goodbye): void {
    this.#loss = lossBy(goodbye);
    this.#owner.goodbye(this, goodbye, this.#loss);
    // One that is only too old is good until the server closes it.
    if (goodbye.code !== SOCKET_TOO_OLD) this.#end(this.#loss);
  }

  #watch(): void {
    if (this.#isOver) return;
    this.#timer.start(this.#heartbeat.dueAtMs - this.#platform.now(), () => {
      const what = this.#heartbeat.look(this.#platform.now());
      if (what === "lost") return this.#end(this.#loss ?? lossOf("silence"));
      if (what === "ping") this.#ping();
      this.#watch();
    });
  }

  #ping(): void {
    this.send({ type: "ping", timestamp: this.#platform.now() });
  }

  #end(loss: Loss): void {
    if (this.#isOver) return;
    this.close();
    this.#owner.lost(this, loss);
  }
}

function asLoss(fault: unknown): Loss {
  return (fault as Loss).reason ? (fault as Loss) : lossOf("unreachable");
}
