/** Floats of 16 bits: binary16 of IEEE 754 (`F16`), and the upper half of a float32 (`BF16`). */

/** The least number that binary16 rounds to infinity. */
export const HALF_OVERFLOW = 65520;

/** Exact, NaN and subnormal numbers included. */
export function fromHalf(bits: Uint16Array): Float32Array {
  return Float32Array.from(bits, (half) => {
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    const sign = half & 0x8000 ? -1 : 1;
    if (exponent === 31) return fraction > 0 ? NaN : sign * Infinity;
    return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
  });
}

/** The nearest binary16 of each number, of two equally near the even one; infinity from {@link HALF_OVERFLOW} on. */
export function toHalf(numbers: Float32Array): Uint16Array {
  const bits = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  return Uint16Array.from(bits, (float, i) => {
    const sign = (float >>> 16) & 0x8000;
    const size = float & 0x7fffffff;
    if (size > 0x7f800000) return sign | 0x7e00;
    const magnitude = Math.abs(numbers[i]);
    if (magnitude >= HALF_OVERFLOW) return sign | 0x7c00;
    // Below 2^-14 halves are equally spaced, and the product is exact.
    if (magnitude < 2 ** -14) return sign | evenRound(magnitude * 2 ** 24);
    const kept = (size - (112 << 23)) >>> 13;
    const rest = size & 0x1fff;
    return sign | (kept + (rest > 0x1000 || (rest === 0x1000 && (kept & 1) === 1) ? 1 : 0));
  });
}

/** Exact. */
export function fromBrainFloat(bits: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(bits, (half) => half << 16).buffer);
}

/** The nearest whole number, of two equally near the even one; for numbers from 0 on. */
function evenRound(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
