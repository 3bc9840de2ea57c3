/** How scores and clocks are read. Pure. */

/** A match's clock, as the server sends it. */
export interface Clock {
  period: string | null;
  running: boolean;
  elapsed_ms: number;
  at: number;
}

/** How a match's scores are to be read: `scale` is the number of decimal places. */
export interface Scoring {
  scale: number;
  negative: boolean;
  unit: string;
  best_of?: number;
}

/** What the clock shows at a time of the server; null if there is none, or one that makes no sense. */
export function elapsedMs(clock: Partial<Clock> | null | undefined, serverTimeMs: number): number | null {
  const { elapsed_ms: elapsed, at, running } = clock ?? {};
  if (!Number.isFinite(elapsed)) return null;
  const sinceMs = running === true && Number.isFinite(at) ? Math.max(0, serverTimeMs - at!) : 0;
  return elapsed! + sinceMs;
}

/** A score in the unit that people count in; with scale 1, 5 is 0.5. */
export function scaled(score: number, scoring?: Partial<Scoring> | null): number {
  const scale = scoring?.scale;
  return Number.isInteger(scale) ? score / 10 ** scale! : score;
}

/** The same as text, with the decimal places that it needs. */
export function formatScore(score: number, scoring?: Partial<Scoring> | null, locale?: string): string {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: 3 }).format(scaled(score, scoring)).replace("-", "−");
}
