/** What tests of losses have in common. */
import { pcg4d } from "../../random.ts";
import type { CotangentSink } from "./loss.ts";

/** Multiples of 1/16 in [-2, 2): exact in single precision, as is a step of 1/16. */
export const dyadic = (length: number, salt: number) =>
  Float32Array.from({ length }, (_, i) => (pcg4d(salt, i, 0, 0) % 64) / 16 - 2);

/** Central differences of step 1/16. Exact for quadratics and straight pieces, but for the rounding of doubles. */
export function differences(loss: (state: Float32Array) => number, state: Float32Array): number[] {
  return Array.from(state, (value, i) => {
    const shifted = (by: number) => loss(state.with(i, value + by));
    return (shifted(1 / 16) - shifted(-1 / 16)) * 8;
  });
}

export function cotangentOf(loss: (sink: CotangentSink) => number, length: number): Float32Array {
  const data = new Float32Array(length);
  loss({ data, scale: 1 });
  return data;
}
