/** Pending commands: each is acknowledged, rejected, lost or timed out, once. */

import { AnswerTimeout, CommandRefused, ConnectionLost, RETRYABLE } from "./errors.ts";
import { Timer } from "./timer.ts";
import type { Platform } from "./platform.ts";
import type { ErrorMessage, Message } from "./protocol.ts";
import type { Socket } from "./socket.ts";

export const RESPONSE_TIMEOUT_MS = 10_000;
/** How long an idempotent command is retried. */
export const RETRY_FOR_MS = 60_000;

interface Command {
  outgoing: Message;
  isRetried: boolean;
  deadlineMs: number;
  /** The socket it was sent on, while that is open. */
  socket: Socket | null;
  timer: Timer;
  isSent: boolean;
  resolve(data: never): void;
  reject(error: Error): void;
}

export class Commands {
  readonly #platform: Platform;
  readonly #pending = new Map<string, Command>();
  /** Where new commands are sent; null while there is no socket. */
  #socket: Socket | null = null;
  #lastId = 0;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /**
   * Send a message and wait for the data of its response. With `isRetried` it is sent again while there is no
   * response, on the next socket too, under the same id; without, it is sent once.
   * `socket`: send it there only; by default on the current socket, as soon as there is one.
   */
  send<Data>(message: Message, { isRetried = false, socket = this.#socket } = {}): Promise<Data> {
    const id = String((this.#lastId += 1));
    const deadlineMs = this.#platform.monotonicMs() + (isRetried ? RETRY_FOR_MS : RESPONSE_TIMEOUT_MS);
    return new Promise((resolve, reject) => {
      const command = {
        outgoing: { ...message, id },
        isRetried,
        deadlineMs,
        socket,
        isSent: false,
        timer: new Timer(this.#platform),
        resolve,
        reject,
      };
      this.#pending.set(id, command);
      this.#transmit(command);
    });
  }

  /** Use this socket from now on: for new commands, unsent ones, and all that are retried. */
  switchTo(socket: Socket): void {
    this.#socket = socket;
    for (const command of this.#pending.values()) {
      if (!command.socket || command.isRetried) this.#transmit(command, socket);
    }
  }

  hasPending(socket: Socket): boolean {
    return [...this.#pending.values()].some((command) => command.socket === socket);
  }

  /** This socket has ended, or, without one, the whole connection. */
  disconnect(reason: string | null, socket?: Socket): void {
    if (!socket || this.#socket === socket) this.#socket = null;
    for (const command of this.#pending.values()) {
      if (socket && command.socket !== socket) continue;
      command.socket = null;
      if (socket && command.isRetried) this.#transmit(command, this.#socket);
      else this.#fail(command, new ConnectionLost(reason, command.isSent));
    }
  }

  /** Settle the command that this message responds to; false if there is none. */
  settle(message: Message): boolean {
    const command = this.#pending.get(message.id ?? "");
    if (!command) return false;
    const error = message as unknown as ErrorMessage;
    if (message.type !== "error") this.#remove(command).resolve(message.data as never);
    else if (!command.isRetried || !RETRYABLE.test(error.code)) this.#reject(command, error);
    return true;
  }

  /**
   * A rate-limited message is dropped before its id is read, so the error names no command. With
   * one command pending it can only be that one.
   */
  rejectUnattributed(error: ErrorMessage): void {
    const [only, other] = [...this.#pending.values()].filter(({ socket }) => socket);
    if (/_rate_limit_exceeded$/.test(error.code) && only && !other) this.#reject(only, error);
  }

  #transmit(command: Command, socket = command.socket): void {
    if (socket) {
      command.socket = socket;
      command.isSent = true;
      socket.send(command.outgoing);
    }
    const waitMs = Math.min(RESPONSE_TIMEOUT_MS, command.deadlineMs - this.#platform.monotonicMs());
    command.timer.start(waitMs, () => this.#retry(command));
  }

  #retry(command: Command): void {
    const isInTime = this.#platform.monotonicMs() < command.deadlineMs;
    if (command.isRetried && isInTime) this.#transmit(command, this.#socket);
    else this.#fail(command, new AnswerTimeout(command.outgoing.type!, command.isSent));
  }

  #reject(command: Command, error: ErrorMessage): void {
    this.#fail(command, new CommandRefused(error));
  }

  #fail(command: Command, error: Error): void {
    this.#remove(command).reject(error);
  }

  #remove(command: Command): Command {
    command.timer.stop();
    this.#pending.delete(command.outgoing.id!);
    return command;
  }
}
