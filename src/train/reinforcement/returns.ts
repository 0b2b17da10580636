/**
 * Rewards and returns of one rollout s_0, ..., s_H: the reward r_t is for entering s_{t+1}. From one of these states to the
 * next, an automaton may make several steps. Sums are in double precision.
 *
 * Sources: Sutton and Barto, "Reinforcement Learning: An Introduction", 2018, sections 7.1 and 12.1; the notebook
 * "Reinforcement Learning Neural Cellular Automata" of CAX (Faldor and Cully, 2024).
 */

/** `decrease`: by how much a step lowers the error; `error`: minus the error that it leads to. */
export const rewardKinds = ["decrease", "error"] as const;
export type RewardKind = (typeof rewardKinds)[number];

/**
 * Rewards of a rollout, H of them.
 *
 * @param errors of all H + 1 states.
 * @param scale of the rewards.
 */
export function rewardsOf(kind: RewardKind, errors: readonly number[], scale: number): number[] {
  return errors.slice(1).map((error, t) => scale * (kind === "decrease" ? errors[t] - error : -error));
}

/**
 * What the discounted sum of rewards, r_0 + discount r_1 + discount^2 r_2 + ..., gains for each unit of error of each
 * state but the first: H numbers, none above 0.
 */
export function returnSlopes(kind: RewardKind, horizon: number, discount: number, scale: number): number[] {
  const weights = discountPowers(horizon, discount);
  return weights.map((weight, t) => {
    const next = kind === "decrease" && t + 1 < horizon ? weights[t + 1] : 0;
    return scale * (next - weight);
  });
}

/** 1, discount, discount^2, ...: `count` numbers, by products alone, so that they are the same on every machine. */
export function discountPowers(count: number, discount: number): number[] {
  const powers: number[] = [];
  for (let t = 0, power = 1; t < count; t++, power *= discount) powers.push(power);
  return powers;
}

/** The n-step return of s_0: r_0 + discount r_1 + ... + discount^H value, with the value of s_H. */
export function nStepReturn(rewards: readonly number[], value: number, discount: number): number {
  return rewards.reduceRight((sum, reward) => reward + discount * sum, value);
}

/**
 * The lambda-returns of s_0 to s_{H-1}: G_t = r_t + discount ((1 - lambda) V(s_{t+1}) + lambda G_{t+1}), with
 * G_H = V(s_H). At lambda 1 the n-step returns to the end of the rollout, at 0 one step and the value after it.
 *
 * @param values of all H + 1 states, of which the first counts for nothing.
 */
export function lambdaReturns(
  rewards: readonly number[],
  values: ArrayLike<number>,
  discount: number,
  lambda: number,
): number[] {
  const returns: number[] = [];
  let after = values[rewards.length];
  for (let t = rewards.length - 1; t >= 0; t--) {
    after = rewards[t] + discount * ((1 - lambda) * values[t + 1] + lambda * after);
    returns[t] = after;
  }
  return returns;
}
