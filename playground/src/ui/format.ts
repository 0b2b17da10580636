/** Numbers and faults as people read them. */
import { UserError } from "../../../src/errors.ts";

const WHOLE = new Intl.NumberFormat("en");
const SHORT = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

export function whole(value: number): string {
  return WHOLE.format(Math.round(value));
}

/** Three digits. */
export function short(value: number): string {
  return Math.abs(value) >= 1000 ? whole(value) : SHORT.format(value);
}

/** A loss: small ones as 2.3e-4. */
export function lossText(value: number): string {
  if (!Number.isFinite(value)) return "–";
  return value >= 0.001 ? value.toFixed(4) : value.toExponential(1);
}

/** `12 s`, `3 min`, `1 h 20 min`. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** What went wrong, as a sentence. */
export function sentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return asSentence(error instanceof UserError ? text : `something went wrong: ${text}`);
}

/** With a capital, unless it begins with a name, and a full stop. */
export function asSentence(text: string): string {
  const capital = /^[a-z]+ /.test(text) ? text.charAt(0).toUpperCase() : text.charAt(0);
  return `${capital}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}
