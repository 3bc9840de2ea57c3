/**
 * Custom elements for pages without a framework: `<live-score url match>` and
 * `<live-bracket url tournament>`. Both take `http` and `token` too, and share a connection with
 * the other elements of the same attributes.
 */

import { connect } from "./index.ts";
import { scaled } from "./scores.ts";
import { matchStore, tournamentStore } from "./store.ts";
import type { Connection } from "./interface.ts";
import type { Match, Store } from "./store.ts";

const STYLE = `:host{display:inline-block;font-variant-numeric:tabular-nums}:host([stale]){opacity:.6}
dl{display:grid;grid-template-columns:1fr auto;gap:.1em .6em;margin:0}dt,dd{margin:0}dd{font-weight:700;text-align:end}
main{display:flex;gap:1.5em}section{display:flex;flex-direction:column;justify-content:space-around;gap:.8em}`;
let sheet: CSSStyleSheet | null = null;
const connections = new Map<string, { connection: Connection; users: number }>();

/** A `style` element would be blocked on a page with a strict content security policy. */
function styles(): CSSStyleSheet {
  if (!sheet) (sheet = new CSSStyleSheet()).replaceSync(STYLE);
  return sheet;
}

/** A server that renders pages imports this module, too, and has no elements. */
const Base = globalThis.HTMLElement ?? (Object as unknown as typeof HTMLElement);

abstract class LiveElement extends Base {
  #stop: (() => void) | null = null;

  static get observedAttributes(): string[] {
    return ["url", "http", "token", "match", "tournament"];
  }

  connectedCallback(): void {
    if (!this.shadowRoot) this.attachShadow({ mode: "open" }).adoptedStyleSheets = [styles()];
    this.#follow();
  }

  disconnectedCallback(): void {
    this.#stop?.();
    this.#stop = null;
  }

  attributeChangedCallback(): void {
    if (!this.#stop) return;
    this.#stop();
    this.#follow();
  }

  abstract storeOn(connection: Connection): Store<{ status: { phase: string; isStale: boolean } }>;
  abstract show(root: ShadowRoot, state: unknown): void;

  #follow(): void {
    const [url, http, token] = ["url", "http", "token"].map((name) => this.getAttribute(name) ?? undefined);
    if (!url) return;
    const key = JSON.stringify([url, http, token]);
    const shared = connections.get(key) ?? {
      connection: connect({ url, ...(http && { http }), token: () => token ?? null }),
      users: 0,
    };
    connections.set(key, shared);
    shared.users += 1;
    const store = this.storeOn(shared.connection);
    const render = (): void => {
      const { phase, isStale } = store.state.status;
      this.toggleAttribute("stale", isStale || phase !== "live");
      this.show(this.shadowRoot!, store.state);
    };
    const leave = store.subscribe(render);
    render();
    this.#stop = () => {
      leave();
      if ((shared.users -= 1) > 0) return;
      connections.delete(key);
      shared.connection.close();
    };
  }
}

/** A match's names and score. Style its parts: `name`, `score`, `state`. */
export class LiveScore extends LiveElement {
  storeOn(connection: Connection): ReturnType<typeof matchStore> {
    return matchStore(connection, this.getAttribute("match") ?? "");
  }

  show(root: ShadowRoot, { match }: { match: Match | null }): void {
    root.replaceChildren(...(match ? [board(match)] : []));
    if (match) this.setAttribute("state", match.state);
  }
}

/** A tournament's knockout rounds, as its bracket events have them. */
export class LiveBracket extends LiveElement {
  storeOn(connection: Connection): ReturnType<typeof tournamentStore> {
    return tournamentStore(connection, this.getAttribute("tournament") ?? "");
  }

  show(root: ShadowRoot, { bracket, matches }: ReturnType<typeof tournamentStore>["state"]): void {
    const rounds = Array.isArray(bracket?.rounds) ? bracket.rounds : [];
    const columns = rounds.map((round) => {
      const listed = Array.isArray(round?.matches) ? round.matches : [];
      const known = listed.map((one: { match_id?: string } | null) => matches.get(one?.match_id ?? "")).filter(Boolean);
      return node("section", ...known.map(board));
    });
    root.replaceChildren(node("main", ...columns));
  }
}

function board(match: Match): HTMLElement {
  const sides = [0, 1].flatMap((side) => {
    const { name, placeholder, id } = match.participants?.[side] ?? {};
    const score = side ? match.participant2_score : match.participant1_score;
    const shown = match.state === "scheduled" ? "" : String(scaled(score, match.scoring));
    return [part("dt", "name", String(name ?? placeholder ?? id ?? "–")), part("dd", "score", shown)];
  });
  return node("dl", ...sides);
}

function part(tag: string, name: string, text: string): HTMLElement {
  const element = node(tag, text);
  element.setAttribute("part", name);
  return element;
}

function node(tag: string, ...children: (Node | string)[]): HTMLElement {
  const element = document.createElement(tag);
  element.append(...children);
  return element;
}

globalThis.customElements?.define("live-score", LiveScore);
globalThis.customElements?.define("live-bracket", LiveBracket);
