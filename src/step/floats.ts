/**
 * Numbers of the reference engine. All its functions take either precision and make new arrays of the kind they are
 * given. Sums are kept in the arrays themselves, so each `+=` rounds to the array's precision; the product that is
 * added is not rounded on its own, as in a fused multiply-add.
 */
/** How exactly the reference engine computes. */
export type Precision = "float32" | "float64";
/** Numbers of either precision; what is made of them has the same. */
export type Floats = Float32Array | Float64Array;

/** Zeros of the same precision. */
export function zerosLike(like: Floats, length: number): Floats {
  return like instanceof Float64Array ? new Float64Array(length) : new Float32Array(length);
}

/** A copy in the given precision. */
export function toPrecision(precision: Precision, values: Floats): Floats {
  return precision === "float64" ? new Float64Array(values) : new Float32Array(values);
}

/** A constant as the given array would hold it. */
export function roundLike(like: Floats, value: number): number {
  return like instanceof Float64Array ? value : Math.fround(value);
}

/** to += from, number by number. */
export function addTo(to: Floats, from: Floats): void {
  for (let i = 0; i < to.length; i++) to[i] += from[i];
}
