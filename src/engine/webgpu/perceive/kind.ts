/** What this engine has of a kind of perception: WGSL for cells that look, and for what they send back. */
import type { Rule } from "../../../rule/rule.ts";
import type { Plan } from "../layout.ts";
import { placeText } from "../shaders/product.ts";

/** A statement: puts a vector of float32 numbers at a place of the block's array. */
export type Put = (at: string, value: string) => string;

export type DeviceKind = Readonly<{
  /** How many taps there are. */
  taps(rule: Rule): number;
  /** Of what is trained, padded to a multiple of 4 numbers: each one's place among the rule's own parameters, -1 for padding. */
  trained(rule: Rule): Int32Array;
  /** Constants, `grid.constants` as vectors: a multiple of 4 numbers that begin with {@link offsetTable}. */
  constants(rule: Rule): Float32Array;
  /**
   * Statements that put what the cells of a block perceive, feature by feature. There is the sample's state, `state` vectors
   * into `tape`, its parameter set, `own` vectors into `weights`, and `cellAt(i)`, the cell in place i of the block.
   */
  perceive(plan: Plan, vectors: number, put: Put): string;
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
export function offsetAt(tap: string): string {
  return `vec3<i32>(grid.constants[${tap}].xyz)`;
}

/**
 * A loop over all taps, several at a time, so that a device waits for their numbers once.
 *
 * @param first statements for one tap: what is read. @param then what is made of it. Names end in `suffix`.
 */
function overTaps(
  { taps, unroll }: Plan,
  first: (tap: string, suffix: string) => string,
  then: (tap: string, suffix: string) => string,
): string {
  const some = (from: string, count: number) =>
    [first, then]
      .map((part) =>
        range(count)
          .map((r) => part(r === 0 ? from : `(${from} + ${r}u)`, `_${r}`))
          .join("\n    "),
      )
      .join("\n    ");
  const whole = taps - (taps % unroll);
  return /* wgsl */ `for (var tap = 0u; tap < ${whole}u; tap += ${unroll}u) {
    ${some("tap", unroll)}
  }
  ${whole < taps ? `{ ${some(`${whole}u`, taps - whole)} }` : ""}`;
}

type ByTaps = Readonly<{
  /** Expressions: the weight of each sum at a tap for the channels of `c4`. */
  weights: (tap: string) => readonly string[];
  /** Expressions of the features, of cell j of four, given its sums `p0_j`, `p1_j` and so on, and itself, `own_j`. */
  features: (j: number) => readonly string[];
}>;

/** What is perceived as sums over taps, four cells and four channels at a time. */
export function perceiveByTaps(plan: Plan, vectors: number, put: Put, { weights, features }: ByTaps): string {
  const { C4, C } = plan;
  const four = range(4);
  const each = four.map(features);
  const sums = range(weights("0u").length);
  return /* wgsl */ `
for (var item = lid; item < ${vectors * C4}u; item += THREADS) {
  let c4 = item % ${C4}u;
  let q = item / ${C4}u;
  ${four
    .map(
      (j) => `let cell_${j} = cellAt(4u * q + ${j}u);
  let place_${j} = placeOf(cell_${j});
  ${sums.map((i) => `var p${i}_${j} = vec4<f32>(0.0);`).join(" ")}`,
    )
    .join("\n  ")}
  ${overTaps(
    plan,
    (tap, suffix) => `let offset${suffix} = ${offsetAt(tap)};
    ${four.map((j) => `let s${j}${suffix} = numbersAt(state, neighbour(place_${j}, offset${suffix}), c4);`).join("\n    ")}`,
    (tap, suffix) =>
      weights(tap)
        .map(
          (weight, i) => `{
      let w = ${weight};
      ${four.map((j) => `p${i}_${j} = fma(w, s${j}${suffix}, p${i}_${j});`).join(" ")}
    }`,
        )
        .join("\n    "),
  )}
  ${four.map((j) => `let own_${j} = tape[state + cell_${j} * ${C4}u + c4];`).join("\n  ")}
  ${each[0]
    .map(
      (_, k) => `{
    let at = ${placeText(vectors, `${k * C}u + 4u * c4`, "q")};
    ${four.map((j) => `let f${j} = ${each[j][k]};`).join(" ")}
    ${PARTS.map((part, c) =>
      put(`at + ${c * vectors}u`, `vec4<f32>(${four.map((j) => `f${j}.${part}`).join(", ")})`),
    ).join("\n    ")}
  }`,
    )
    .join("\n  ")}
}`;
}

/** Transposed taps: visits each neighbour that acted and whose tap leads here, with its number `n`. */
export function gatherTaps(plan: Plan, visit: (tap: string) => string): string {
  return overTaps(
    plan,
    (tap, suffix) => `let to${suffix} = neighbour(place, -${offsetAt(tap)});
    let sent${suffix} = (to${suffix} >= 0) & acted(u32(max(to${suffix}, 0)));`,
    (tap, suffix) => `if (sent${suffix}) {
      let n = u32(to${suffix});
      ${visit(tap)}
    }`,
  );
}

/**
 * Statements: sends what lies in rows `at` to `at` + 3 of a block, of the vector `q` of its cells, as vector `i` of `c4`.
 *
 * @param rows expressions of the four rows' numbers.
 */
export function sendRows(rows: readonly string[], i: string): string {
  return `${rows.map((row, c) => `let d${c} = ${row};`).join("\n  ")}
  ${range(4)
    .map(
      (j) =>
        `if (4u * q + ${j}u < count) { send(cellAt(4u * q + ${j}u), c4, ${i}, vec4<f32>(d0.${PARTS[j]}, d1.${PARTS[j]}, d2.${PARTS[j]}, d3.${PARTS[j]})); }`,
    )
    .join("\n  ")}`;
}

/** Sends all features of each channel as they are: vector k of c4 is dP of kernel k. */
function sendFeatures({ C, C4, K }: Plan, vectors: number, back: string): string {
  return /* wgsl */ `
for (var item = lid; item < ${vectors * C4 * K}u; item += THREADS) {
  let c4 = item % ${C4}u;
  let k = item / ${C4}u % ${K}u;
  let q = item / ${C4 * K}u;
  let at = ${placeText(vectors, `k * ${C}u + 4u * c4`, "q")};
  ${sendRows(
    range(4).map((c) => `${back}[at + ${c * vectors}u]`),
    "k",
  )}
}`;
}

/**
 * What all kinds do whose features are the sums of K kernels over taps.
 *
 * @param weightAt expression: the weight of kernel k at a tap, for the channels of `c4`.
 */
export function byKernels(
  weightAt: (plan: Plan, k: number, tap: string) => string,
): Pick<DeviceKind, "perceive" | "gather" | "send"> {
  return {
    perceive: (plan, vectors, put) =>
      perceiveByTaps(plan, vectors, put, {
        weights: (tap) => range(plan.K).map((k) => weightAt(plan, k, tap)),
        features: (j) => range(plan.K).map((k) => `p${k}_${j}`),
      }),
    gather: (plan) =>
      gatherTaps(plan, (tap) =>
        range(plan.K)
          .map((k) => `sum = fma(${weightAt(plan, k, tap)}, sentBy(n, c4, ${k}u), sum);`)
          .join("\n      "),
      ),
    send: (plan, vectors, _seen, back) => sendFeatures(plan, vectors, back),
  };
}
