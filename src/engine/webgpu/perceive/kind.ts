/** What this engine has of a kind of perception: WGSL for cells that look, and for what they send back. */
import type { Rule } from "../../../rule/rule.ts";
import type { Plan } from "../layout.ts";

export type DeviceKind = Readonly<{
  /** How many taps there are: `grid.taps`. */
  taps(rule: Rule): number;
  /** Of what is trained, padded to a multiple of 4 numbers: each one's place among the rule's own parameters, -1 for padding. */
  trained(rule: Rule): Int32Array;
  /** Constants that lie beside the weights: a multiple of 4. Those by taps begin with {@link offsetTable}. */
  constants(rule: Rule): Float32Array;
  /**
   * Statements that fill `into` with what the cells of a block perceive. There is the sample's state, `state` vectors into
   * `tape`, its parameter set, `own` vectors into `weights`, and `cellAt(i)`, the cell in place i of the block.
   */
  perceive(plan: Plan, vectors: number, into: string): string;
  /** Whether what is sent back depends on what was perceived, so that dP needs a place of its own. */
  readonly keepsSeen?: boolean;
  /** Declarations that its statements need. */
  functions?(plan: Plan): string;
  /** Vectors that a cell sends back for each vector of channels. */
  sent(rule: Rule): number;
  /**
   * Statements for one vector of channels `c4` of `cell` at `place`: adds to `sum` what its neighbours send it. There is
   * `sentBy(n, c4, i)`, vector i that cell n sends for it, and `acted(n)`, whether it sent anything.
   */
  gather(plan: Plan): string;
  /**
   * Statements that make of dP, feature by feature in `back`, what cells send, by `send(cell, c4, i, value)`; P is in `seen`.
   */
  send(plan: Plan, vectors: number, seen: string, back: string): string;
  /**
   * Statements that add to the gradient of what is trained, from `gradient` vectors into `partials` on. There is
   * `sending(n, c4, i)`, what was sent in this step.
   */
  gradient?(plan: Plan, vectors: number, back: string): string;
}>;

const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const PARTS = ["x", "y", "z", "w"];

/** A vector (cells along each of three axes, and 0) for each tap. */
export function offsetTable(offsets: readonly (readonly number[])[]): number[] {
  return offsets.flatMap((offset) => [...[0, 0, 0, ...offset].slice(-3), 0]);
}

/** Expression: the offset of a tap, by the table that the constants begin with. */
export function offsetAt({ constants }: Plan, tap: string): string {
  return `vec3<i32>(weights[own + ${constants}u + ${tap}].xyz)`;
}

type ByTaps = Readonly<{
  /** Expression: the weight of sum i at tap `tap` for the channels of `c4`. One for each sum. */
  weights: readonly string[];
  /** Expressions of the features, of cell j of four, given its sums `p0_j`, `p1_j` and so on, and itself, `own_j`. */
  features: (j: number) => readonly string[];
}>;

/** What is perceived as sums over taps, four cells and four channels at a time. */
export function perceiveByTaps(
  plan: Plan,
  vectors: number,
  into: string,
  { weights, features }: ByTaps,
): string {
  const { C4, C } = plan;
  const four = range(4);
  const each = four.map(features);
  return /* wgsl */ `
for (var item = lid; item < ${vectors * C4}u; item += THREADS) {
  let c4 = item % ${C4}u;
  let q = item / ${C4}u;
  ${four
    .map(
      (j) => `let cell_${j} = cellAt(4u * q + ${j}u);
  let place_${j} = placeOf(cell_${j});
  ${weights.map((_, i) => `var p${i}_${j} = vec4<f32>(0.0);`).join(" ")}`,
    )
    .join("\n  ")}
  for (var tap = 0u; tap < grid.taps; tap++) {
    let offset = ${offsetAt(plan, "tap")};
    ${weights.map((weight, i) => `let w${i} = ${weight};`).join("\n    ")}
    ${four
      .map(
        (j) => `let s_${j} = numbersAt(state, neighbour(place_${j}, offset), c4);
    ${weights.map((_, i) => `p${i}_${j} = fma(w${i}, s_${j}, p${i}_${j});`).join(" ")}`,
      )
      .join("\n    ")}
  }
  ${four.map((j) => `let own_${j} = tape[state + cell_${j} * ${C4}u + c4];`).join("\n  ")}
  ${each[0]
    .map(
      (_, k) => `{
    let at = (${k * C}u + 4u * c4) * ${vectors}u + q;
    ${four.map((j) => `let f${j} = ${each[j][k]};`).join(" ")}
    ${PARTS.map(
      (part, c) =>
        `${into}[at + ${c * vectors}u] = vec4<f32>(${four.map((j) => `f${j}.${part}`).join(", ")});`,
    ).join("\n    ")}
  }`,
    )
    .join("\n  ")}
}`;
}

/** Transposed taps: visits each neighbour that acted and whose tap leads here, with its number `n`. */
export function gatherTaps(plan: Plan, visit: string): string {
  return /* wgsl */ `for (var tap = 0u; tap < grid.taps; tap++) {
    let n = neighbour(place, -${offsetAt(plan, "tap")});
    if (n >= 0 && acted(u32(n))) {
      ${visit}
    }
  }`;
}

/** Sends all features of each channel as they are: vector k of c4 is dP of kernel k. */
function sendFeatures({ C, C4, K }: Plan, vectors: number, back: string): string {
  return /* wgsl */ `
for (var item = lid; item < ${vectors * C4 * K}u; item += THREADS) {
  let c4 = item % ${C4}u;
  let k = item / ${C4}u % ${K}u;
  let q = item / ${C4 * K}u;
  let at = (k * ${C}u + 4u * c4) * ${vectors}u + q;
  ${range(4)
    .map((c) => `let d${c} = ${back}[at + ${c * vectors}u];`)
    .join("\n  ")}
  for (var j = 0u; j < min(4u, count - min(count, 4u * q)); j++) {
    send(cellAt(4u * q + j), c4, k, vec4<f32>(d0[j], d1[j], d2[j], d3[j]));
  }
}`;
}

/**
 * What all kinds do whose features are the sums of K kernels over taps.
 *
 * @param weightAt expression: the weight of kernel k at `tap`, for the channels of `c4`.
 */
export function byKernels(
  weightAt: (plan: Plan, k: number) => string,
): Pick<DeviceKind, "perceive" | "gather" | "send"> {
  return {
    perceive: (plan, vectors, into) =>
      perceiveByTaps(plan, vectors, into, {
        weights: range(plan.K).map((k) => weightAt(plan, k)),
        features: (j) => range(plan.K).map((k) => `p${k}_${j}`),
      }),
    gather: (plan) =>
      gatherTaps(
        plan,
        range(plan.K)
          .map((k) => `sum = fma(${weightAt(plan, k)}, sentBy(u32(n), c4, ${k}u), sum);`)
          .join("\n      "),
      ),
    send: (plan, vectors, _seen, back) => sendFeatures(plan, vectors, back),
  };
}
