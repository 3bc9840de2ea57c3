/** What a connection needs from its environment. */

/** The part of WebSocket that is used. */
export interface RawSocket {
  readonly readyState: number;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  send(text: string): void;
  close(): void;
}

export interface Platform {
  /** The device's clock, which may be set at any time. For what people read. */
  now(): number;
  /** A clock that only moves forward. For every interval. */
  monotonicMs(): number;
  /** In [0, 1). */
  random(): number;
  setTimeout(callback: () => void, delayMs: number): unknown;
  clearTimeout(timer: unknown): void;
  openSocket(url: string): RawSocket;
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Whether the page is hidden and offline: reconnecting is pointless then. */
  isAsleep(): boolean;
  /** Calls `listener` when the page is shown or the network is back; returns a function that stops it. */
  onWake(listener: () => void): () => void;
  /** Report an error that a listener threw. */
  report(error: unknown): void;
}

const WAKE_EVENTS = ["online", "pageshow", "visibilitychange"];

export const browser: Platform = {
  now: Date.now,
  monotonicMs: () => performance.now(),
  random: Math.random,
  setTimeout: (callback, delayMs) => setTimeout(callback, Math.min(delayMs, 2 ** 31 - 1)),
  clearTimeout: (timer) => clearTimeout(timer as number),
  openSocket: (url) => new WebSocket(url) as RawSocket,
  fetch: (url, init) => fetch(url, init),
  isAsleep: () => !!globalThis.document?.hidden && !navigator.onLine,
  onWake(listener) {
    WebSocket.name; // if it is undefined, as in Node 20, connecting fails at once instead of being retried without end
    const wake = ({ type }: Event) => (type === "online" || !document.hidden) && listener();
    // Outside of a page, as in Node, there are no such events.
    for (const name of WAKE_EVENTS) globalThis.addEventListener?.(name, wake);
    return () => WAKE_EVENTS.forEach((name) => globalThis.removeEventListener?.(name, wake));
  },
  report: (error) => queueMicrotask(() => { throw error; }),
};
