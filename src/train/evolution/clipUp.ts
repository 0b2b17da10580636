/**
 * ClipUp: momentum along the direction of a gradient, at a limited speed.
 *
 * Source: N. E. Toklu, P. Liskowski and R. K. Srivastava, "ClipUp: A Simple and Powerful Optimizer for Distribution-based
 * Policy Evolution", PPSN 2020.
 */

import { norm } from "../optim/gradient.ts";

export type ClipUpSettings = Readonly<{
  /** Of the velocity, in [0, 1). */
  momentum: number;
  /** Largest norm of the velocity, in learning rates. */
  maxSpeed: number;
}>;

/**
 * The velocity after an update: momentum * velocity + learningRate * gradient / |gradient|, shortened to the maximum
 * speed. Parameters move against it.
 *
 * @param gradient of what is to fall; where it is 0, the velocity only fades.
 */
export function clipUp(
  velocity: Float32Array,
  gradient: ArrayLike<number>,
  learningRate: number,
  { momentum, maxSpeed }: ClipUpSettings,
): Float32Array {
  const length = norm(gradient);
  const scale = length > 0 ? learningRate / length : 0;
  const next = velocity.map((value, i) => momentum * value + scale * gradient[i]);
  const speed = norm(next);
  const limit = maxSpeed * learningRate;
  return speed > limit ? next.map((value) => (value * limit) / speed) : next;
}
