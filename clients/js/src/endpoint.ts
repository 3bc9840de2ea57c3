/** The URL of the next socket, with its room and its token or single-use ticket. */

import { disconnection } from "./disconnection.ts";
import { roomFields } from "./rooms.ts";
import type { Disconnection } from "./disconnection.ts";
import type { Room } from "./protocol.ts";
import type { Platform } from "./platform.ts";

const UNAUTHORIZED = 401;
const FORBIDDEN = 403;

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

  /** A token other than the current one; null if there is none. Rejects with a Disconnection. */
  async newToken(): Promise<string | null> {
    const token = await this.#fetchToken();
    return token === this.#token ? null : token;
  }

  /** The server accepted this token. */
  acceptToken(token = this.#token): void {
    this.#token = token;
    this.#rejection = null;
  }

  /** The URL of the next socket. Rejects with a Disconnection. */
  async nextUrl(room: Room | null): Promise<string> {
    const token = await this.#fetchToken();
    if (this.#rejection && token === this.#token) throw disconnection(this.#rejection, true);
    this.acceptToken(token);
    const url = new URL(this.#options.url);
    const query = url.searchParams;
    for (const [name, id] of Object.entries(room ? roomFields(room) : {})) query.set(name, id);
    if (token && this.#options.http) query.set("ticket", await this.#fetchTicket(room));
    else if (token) query.set("token", token);
    return url.href;
  }

  async #fetchToken(): Promise<string | null> {
    try {
      return (await this.#options.token?.()) || null;
    } catch {
      throw disconnection("token_unavailable");
    }
  }

  /** By the room the server knows whether the client may use the reserve of a full address. */
  async #fetchTicket(room: Room | null): Promise<string> {
    const headers = { authorization: `Bearer ${this.#token}` };
    const query = room ? `?${new URLSearchParams(roomFields(room))}` : "";
    const url = this.#options.http!.replace(/\/*$/, "/tickets") + query;
    const response = await this.#platform.fetch(url, { method: "POST", headers });
    const body = await response.json().catch(() => null);
    if (typeof body?.ticket === "string") return body.ticket;
    throw this.#ticketRefused(response, body?.code);
  }

  /** Without a code of the service the response is a proxy's, and a later attempt may succeed. */
  #ticketRefused({ status, headers }: Response, code: unknown): Disconnection {
    const retryAfterMs = Number(headers.get("retry-after")) * 1000 || null;
    if (typeof code !== "string") return disconnection(`http_${status}`, false, retryAfterMs);
    const isUnauthorized = status === UNAUTHORIZED;
    const reason = isUnauthorized && code === "forbidden" ? "authentication_required" : code;
    if (isUnauthorized) this.rejectToken(reason);
    return disconnection(reason, status === FORBIDDEN, retryAfterMs);
  }
}
