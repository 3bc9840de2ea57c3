/** What a connection needs of the world around it. */

/** The part of a WebSocket that is used. */
export interface RawSocket {
  readonly readyState: number;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  send(text: string): void;
  close(): void;
}

export interface Platform {
  now(): number;
  /** In [0, 1). */
  random(): number;
  setTimeout(callback: () => void, delayMs: number): unknown;
  clearTimeout(timer: unknown): void;
  openSocket(url: string): RawSocket;
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Whether the page is hidden without a network: nothing can be won by trying then. */
  isAsleep(): boolean;
  /** Tell when the page is shown or the network is back; returns "stop telling". */
  onWake(listener: () => void): () => void;
  /** A fault of a listener, which is nobody's here. */
  report(fault: unknown): void;
}

const MOMENTS = ["online", "pageshow", "visibilitychange"];

export const browser: Platform = {
  now: Date.now,
  random: Math.random,
  setTimeout: (callback, delayMs) => setTimeout(callback, Math.min(delayMs, 2 ** 31 - 1)),
  clearTimeout: (timer) => clearTimeout(timer as number),
  openSocket: (url) => new WebSocket(url) as RawSocket,
  fetch: (url, init) => fetch(url, init),
  isAsleep: () => !!globalThis.document?.hidden && !navigator.onLine,
  onWake(listener) {
    const wake = ({ type }: Event) => (type === "online" || !document.hidden) && listener();
    // Outside of a page, as in Node, nobody tells.
    for (const moment of MOMENTS) globalThis.addEventListener?.(moment, wake);
    return () => MOMENTS.forEach((moment) => globalThis.removeEventListener?.(moment, wake));
  },
  report: (fault) => queueMicrotask(() => { throw fault; }),
};
