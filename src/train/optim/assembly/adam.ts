/**
 * Adam of a block of numbers, in place, in double precision and rounded where numbers are kept: the bits of plain loops.
 *
 * @param parameters in single precision, and after it, `stride` bytes apart, the gradient, its running mean and that of its
 *   square, each at a multiple of 16. @param count a multiple of 4.
 * @returns whether all that was made is finite.
 */
export function adam(
  parameters: usize,
  stride: usize,
  count: i32,
  beta1: f64,
  beta2: f64,
  step: f64,
  scale: f64,
  epsilon: f64,
): bool {
  const end = parameters + (<usize>count << 2);
  const zero = f32x4.splat(0);
  // Of a number beyond bounds, 0 times it is NaN, and so is whatever that is added to.
  let check = zero;
  for (let at = parameters; at != end; at += 16) {
    const gradient = v128.load(at + stride);
    const mean = v128.load(at + 2 * stride);
    const square = v128.load(at + 3 * stride);
    const nextMean = joined(
      running(lower(mean), lower(gradient), beta1),
      running(upper(mean), upper(gradient), beta1),
    );
    const nextSquare = joined(
      runningSquare(lower(square), lower(gradient), beta2),
      runningSquare(upper(square), upper(gradient), beta2),
    );
    v128.store(at + 2 * stride, nextMean);
    v128.store(at + 3 * stride, nextSquare);
    const before = v128.load(at);
    const after = joined(
      moved(lower(before), lower(nextMean), lower(nextSquare), step, scale, epsilon),
      moved(upper(before), upper(nextMean), upper(nextSquare), step, scale, epsilon),
    );
    v128.store(at, after);
    check = f32x4.add(check, f32x4.mul(zero, nextMean));
    check = f32x4.add(check, f32x4.mul(zero, nextSquare));
    check = f32x4.add(check, f32x4.mul(zero, after));
  }
  return v128.any_true(f32x4.ne(check, check)) == 0;
}

/** Each of `count` numbers, a multiple of 4, divided by `length` and multiplied by `limit`, in place. */
export function shorten(values: usize, count: i32, length: f64, limit: f64): void {
  const end = values + (<usize>count << 2);
  for (let at = values; at != end; at += 16) {
    const four = v128.load(at);
    v128.store(at, joined(shortened(lower(four), length, limit), shortened(upper(four), length, limit)));
  }
}

// @ts-ignore: decorator
@inline
function shortened(values: v128, length: f64, limit: f64): v128 {
  return f64x2.mul(f64x2.div(values, f64x2.splat(length)), f64x2.splat(limit));
}

// @ts-ignore: decorator
@inline
function running(mean: v128, value: v128, beta: f64): v128 {
  return f64x2.add(f64x2.mul(f64x2.splat(beta), mean), f64x2.mul(f64x2.splat(1 - beta), value));
}

// @ts-ignore: decorator
@inline
function runningSquare(mean: v128, value: v128, beta: f64): v128 {
  return f64x2.add(
    f64x2.mul(f64x2.splat(beta), mean),
    f64x2.mul(f64x2.mul(f64x2.splat(1 - beta), value), value),
  );
}

// @ts-ignore: decorator
@inline
function moved(parameter: v128, mean: v128, square: v128, step: f64, scale: f64, epsilon: f64): v128 {
  const root = f64x2.add(f64x2.mul(f64x2.sqrt(square), f64x2.splat(scale)), f64x2.splat(epsilon));
  return f64x2.sub(parameter, f64x2.div(f64x2.mul(f64x2.splat(step), mean), root));
}

// @ts-ignore: decorator
@inline
function lower(four: v128): v128 {
  return f64x2.promote_low_f32x4(four);
}

// @ts-ignore: decorator
@inline
function upper(four: v128): v128 {
  return f64x2.promote_low_f32x4(i64x2.shuffle(four, four, 1, 1));
}

// @ts-ignore: decorator
@inline
function joined(low: v128, high: v128): v128 {
  return i64x2.shuffle(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
}
