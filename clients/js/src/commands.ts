/** Commands on their way: each is answered, refused, lost or given up, once. */

import { AnswerTimeout, CommandRefused, ConnectionLost, PASSING } from "./errors.ts";
import { Timer } from "./timer.ts";
import type { Platform } from "./platform.ts";
import type { ErrorFrame, Frame } from "./protocol.ts";
import type { Socket } from "./socket.ts";

export const ANSWER_MS = 10_000;
/** How long a command that may be repeated is repeated. */
export const REPEATED_FOR_MS = 60_000;

interface Command {
  frame: Frame;
  repeats: boolean;
  deadlineMs: number;
  /** What it was sent on, for as long as that lives. */
  socket: Socket | null;
  timer: Timer;
  isSent: boolean;
  resolve(answer: Frame): void;
  reject(fault: Error): void;
}

export class Commands {
  readonly #platform: Platform;
  readonly #pending = new Map<string, Command>();
  /** Where new commands go; null while there is no socket. */
  #socket: Socket | null = null;
  #lastId = 0;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /**
   * Send one frame and wait for its answer. One that `repeats` is sent again without an answer, on
   * the next socket too, with the same id; any other is sent once.
   * `socket`: send it there, and only there; else where commands go, as soon as there is one.
   */
  ask(frame: Frame, { repeats = false, socket = this.#socket } = {}): Promise<Frame> {
    const id = String((this.#lastId += 1));
    const deadlineMs = this.#platform.now() + (repeats ? REPEATED_FOR_MS : ANSWER_MS);
    return new Promise((resolve, reject) => {
      const command = {
        frame: { ...frame, id },
        repeats,
        deadlineMs,
        socket,
        isSent: false,
        timer: new Timer(this.#platform),
        resolve,
        reject,
      };
      this.#pending.set(id, command);
      this.#send(command);
    });
  }

  /** Commands go to this socket now: new ones, those that wait for one, and all that repeat. */
  goTo(socket: Socket): void {
    this.#socket = socket;
    for (const command of this.#pending.values()) {
      if (!command.socket || command.repeats) this.#send(command, socket);
    }
  }

  waitingFor(socket: Socket): boolean {
    return [...this.#pending.values()].some((command) => command.socket === socket);
  }

  /** This socket has ended, or (no socket) all has. */
  lose(reason: string | null, socket?: Socket): void {
    if (!socket || this.#socket === socket) this.#socket = null;
    for (const command of this.#pending.values()) {
      if (socket && command.socket !== socket) continue;
      command.socket = null;
      if (socket && command.repeats) this.#send(command, this.#socket);
      else this.#fail(command, new ConnectionLost(reason, command.isSent));
    }
  }

  /** Whether the frame answers one of them. */
  answer(frame: Frame): boolean {
    const command = this.#pending.get(frame.id ?? "");
    if (!command) return false;
    const error = frame as unknown as ErrorFrame;
    if (frame.type !== "error") this.#finish(command).resolve(frame);
    else if (!command.repeats || !PASSING.test(error.code)) this.#refuse(command, error);
    return true;
  }

  /** A frame was dropped for its number, and the server does not say which one. */
  refuseOne(error: ErrorFrame): void {
    const [only, ...others] = [...this.#pending.values()].filter(({ socket }) => socket);
    const isOverRate = error.code.endsWith("_rate_limit_exceeded");
    if (isOverRate && only && others.length === 0) this.#refuse(only, error);
  }

  #send(command: Command, socket = command.socket): void {
    if (socket) {
      command.socket = socket;
      command.isSent = true;
      socket.send(command.frame);
    }
    const waitMs = Math.min(ANSWER_MS, command.deadlineMs - this.#platform.now());
    command.timer.start(waitMs, () => this.#askAgain(command));
  }

  #askAgain(command: Command): void {
    const isInTime = this.#platform.now() < command.deadlineMs;
    if (command.repeats && isInTime) this.#send(command, this.#socket);
    else this.#fail(command, new AnswerTimeout(command.frame.type!, command.isSent));
  }

  #refuse(command: Command, error: ErrorFrame): void {
    this.#fail(command, new CommandRefused(error));
  }

  #fail(command: Command, fault: Error): void {
    this.#finish(command).reject(fault);
  }

  #finish(command: Command): Command {
    command.timer.stop();
    this.#pending.delete(command.frame.id!);
    return command;
  }
}
