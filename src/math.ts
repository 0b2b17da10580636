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

const LN2 = 0.6931471805599453;
/** log(2) in two parts, of which multiples of the first, up to 2^20 times, are exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/** Natural logarithm of a positive, finite number, within 2e-15 or that part of its size; -Infinity for 0, NaN below. */
export function logarithm(x: number): number {
  if (!(x > 0) || x === Infinity) return x === 0 ? -Infinity : x === Infinity ? x : NaN;
  let mantissa = x;
  let exponent = 0;
  for (; mantissa < Math.SQRT1_2; mantissa *= 2) exponent--;
  for (; mantissa > Math.SQRT2; mantissa /= 2) exponent++;
  // log m = 2 artanh((m - 1) / (m + 1))
  const s = (mantissa - 1) / (mantissa + 1);
  const square = s * s;
  let power = s;
  let sum = s;
  for (let n = 3; n <= 21; n += 2) {
    power *= square;
    sum += power / n;
  }
  return exponent * LN2 + 2 * sum;
}

/** e^x, within 1e-15 of its size, for x from -700 to 700; 0 below and Infinity above. */
export function exponential(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (x < -700) return 0;
  if (x > 700) return Infinity;
  const twos = Math.round(x / LN2);
  const rest = x - twos * LN2_HIGH - twos * LN2_LOW;
  let term = 1;
  let sum = 1;
  for (let n = 1; n <= 16; n++) {
    term *= rest / n;
    sum += term;
  }
  return twos < 0 ? sum / powerOf(2, -twos) : sum * powerOf(2, twos);
}

/** Brightness of a colour (luma of ITU-R BT.601), in the unit of its parts. */
export function luma(red: number, green: number, blue: number): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}
