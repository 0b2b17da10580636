/**
 * Elementary functions from +, -, * and / alone. `Math.sin`, `Math.cos`, `Math.exp` and `Math.pow` may differ in
 * the last bit between JavaScript engines; whatever trained bits depend on uses these instead.
 */

const HALF_PI = Math.PI / 2;

function sineSeries(x: number): number {
  const square = x * x;
  let term = x;
  let sum = x;
  for (let n = 2; n <= 22; n += 2) {
    term *= -square / (n * (n + 1));
    sum += term;
  }
  return sum;
}

/** sin(degrees); exact at multiples of 90, elsewhere within 1e-15. */
export function sineOfDegrees(degrees: number): number {
  const rest360 = degrees % 360;
  const wrapped = rest360 < 0 ? rest360 + 360 : rest360;
  const quadrant = Math.floor(wrapped / 90) % 4;
  const rest = (wrapped - quadrant * 90) / 90;
  const value = quadrant % 2 === 0 ? sineSeries(rest * HALF_PI) : sineSeries((1 - rest) * HALF_PI);
  if (rest === 0) return [0, 1, 0, -1][quadrant];
  return quadrant < 2 ? value : -value;
}

/** cos(degrees); exact at multiples of 90. */
export function cosineOfDegrees(degrees: number): number {
  return sineOfDegrees(degrees + 90);
}

/** base^exponent for a whole exponent >= 0, by squaring. */
export function powerOf(base: number, exponent: number): number {
  let result = 1;
  let square = base;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}
