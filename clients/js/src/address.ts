/** Where the next socket goes: the URL, with its room and its token or one-time ticket. */

import { NEW_TOKEN_NEEDED } from "./protocol.ts";
import { roomFields } from "./rooms.ts";
import type { Goodbye, Room } from "./protocol.ts";
import type { Platform } from "./platform.ts";

/** Why a socket ended, or could not be opened. */
export interface Loss {
  reason: string;
  /** Do not come back. */
  isFinal: boolean;
  /** How long the server wants it to wait. */
  waitMs: number | null;
}

export const lossOf = (reason: string): Loss => ({ reason, isFinal: false, waitMs: null });
const REASONS: Record<number, string> = { 401: "authentication_required", 403: "forbidden" };

export function lossBy({ code, reason, reconnect, retry_after_ms }: Goodbye): Loss {
  const isFinal = !reconnect && code !== NEW_TOKEN_NEEDED;
  return { reason, isFinal, waitMs: retry_after_ms ?? null };
}

export interface Place {
  url: string;
  http?: string | undefined;
  token?: (() => string | null | Promise<string | null>) | undefined;
}

export class Address {
  readonly #place: Place;
  readonly #platform: Platform;
  #token: string | null = null;
  /** Why the token in use is no good any more. */
  #rejected: string | null = null;

  constructor(place: Place, platform: Platform) {
    this.#place = place;
    this.#platform = platform;
  }

  /** The token in use is no good; the very same one will not be tried again. */
  reject(reason: string): void {
    this.#rejected = reason;
  }

  /** A newer token than that in use; null if there is none. */
  async newer(): Promise<string | null> {
    const token = (await this.#place.token?.()) ?? null;
    return token === this.#token ? null : token;
  }

  /** A token has been taken into use; the one that is in use has been accepted. */
  use(token = this.#token): void {
    this.#token = token;
    this.#rejected = null;
  }

  /** The next socket's URL. Rejects with a Loss. */
  async next(room: Room | null): Promise<string> {
    await this.#renew();
    const url = new URL(this.#place.url);
    const query = url.searchParams;
    for (const [name, id] of Object.entries(room ? roomFields(room) : {})) query.set(name, id);
    if (this.#token === null) return url.href;
    if (this.#place.http) query.set("ticket", await this.#ticket());
    else query.set("token", this.#token);
    return url.href;
  }

  async #renew(): Promise<void> {
    const token = await this.#ask();
    if (this.#rejected && token === this.#token) {
      throw { ...lossOf(this.#rejected), isFinal: true };
    }
    this.use(token);
  }

  async #ask(): Promise<string | null> {
    try {
      return (await this.#place.token?.()) ?? null;
    } catch {
      throw lossOf("token_unavailable");
    }
  }

  async #ticket(): Promise<string> {
    const headers = { authorization: `Bearer ${this.#token}` };
    const url = this.#place.http!.replace(/\/*$/, "/tickets");
    const answer = await this.#platform.fetch(url, { method: "POST", headers });
    const { status } = answer;
    const reason = REASONS[status] ?? `http_${status}`;
    if (status === 401) this.reject(reason);
    if (!answer.ok) throw { ...lossOf(reason), isFinal: status === 403 };
    return (await answer.json()).ticket;
  }
}
