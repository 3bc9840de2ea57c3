/** The URL of the next socket, with its room and its token or single-use ticket. */

import { disconnection } from "./disconnection.ts";
import { roomFields } from "./rooms.ts";
import type { Room } from "./protocol.ts";
import type { Platform } from "./platform.ts";

const REASONS: Record<number, string> = { 401: "authentication_required", 403: "forbidden" };

export interface EndpointOptions {
  url: string;
  http?: string | undefined;
  token?: (() => string | null | Promise<string | null>) | undefined;
}

export class Endpoint {
  readonly #options: EndpointOptions;
  readonly #platform: Platform;
  #token: string | null = null;
  /** Why the server rejected the current token. */
  #rejection: string | null = null;

  constructor(options: EndpointOptions, platform: Platform) {
    this.#options = options;
    this.#platform = platform;
  }

  /** The server rejected the current token; the same one is not sent again. */
  rejectToken(reason: string): void {
    this.#rejection = reason;
  }

  /** A token other than the current one; null if there is none. */
  async newToken(): Promise<string | null> {
    const token = (await this.#options.token?.()) ?? null;
    return token === this.#token ? null : token;
  }

  /** The server accepted this token. */
  acceptToken(token = this.#token): void {
    this.#token = token;
    this.#rejection = null;
  }

  /** The URL of the next socket. Rejects with a Disconnection. */
  async nextUrl(room: Room | null): Promise<string> {
    await this.#renewToken();
    const url = new URL(this.#options.url);
    const query = url.searchParams;
    for (const [name, id] of Object.entries(room ? roomFields(room) : {})) query.set(name, id);
    if (this.#token === null) return url.href;
    if (this.#options.http) query.set("ticket", await this.#fetchTicket());
    else query.set("token", this.#token);
    return url.href;
  }

  async #renewToken(): Promise<void> {
    const token = await this.#fetchToken();
    if (this.#rejection && token === this.#token) {
      throw { ...disconnection(this.#rejection), isFinal: true };
    }
    this.acceptToken(token);
  }

  async #fetchToken(): Promise<string | null> {
    try {
      return (await this.#options.token?.()) ?? null;
    } catch {
      throw disconnection("token_unavailable");
    }
  }

  async #fetchTicket(): Promise<string> {
    const headers = { authorization: `Bearer ${this.#token}` };
    const url = this.#options.http!.replace(/\/*$/, "/tickets");
    const response = await this.#platform.fetch(url, { method: "POST", headers });
    const { status } = response;
    const reason = REASONS[status] ?? `http_${status}`;
    if (status === 401) this.rejectToken(reason);
    if (!response.ok) throw { ...disconnection(reason), isFinal: status === 403 };
    return (await response.json()).ticket;
  }
}
