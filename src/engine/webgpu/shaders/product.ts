/**
 * Products of a block of cells with a layer's weights, in workgroup memory: numbers of cells lie feature by feature, four
 * cells in a vector. Each thread makes a tile of outputs for some cells, all of it in registers.
 */
import type { Precision } from "../layout.ts";
import { THREADS } from "../sizes.ts";

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

/**
 * Vectors left free after every four rows of a block's array, so that threads that read rows four apart meet other banks of
 * the memory; none in small blocks, which are taken where memory is short.
 */
function gapOf(vectors: number): number {
  return vectors >= 4 ? 1 : 0;
}

/** Expression: where vector `q` of row `row` lies in a block's array. */
export function placeText(vectors: number, row: string, q: string): string {
  const gap = gapOf(vectors) > 0 ? ` + (${row}) / 4u` : "";
  return `(${row}) * ${vectors}u${gap} + ${q}`;
}

/** Vectors of an array of so many rows, which are a multiple of four. */
export function blockVectors(rows: number, vectors: number): number {
  return rows * vectors + (rows / 4) * gapOf(vectors);
}

/** How the work of a product is shared: each item has so many outputs and vectors, and one of `splits` parts of the sum. */
type Tiling = Readonly<{ outputs: number; vectors: number; splits: number }>;

/**
 * The tiling that takes the fewest cycles by a rough count: a vector is multiplied in four and read from memory in sixteen,
 * which four of a workgroup's warps share. Parts of sums are added up at the end, through the array that the result goes to.
 *
 * @param free vectors of that array which may be written before.
 */
function tilingOf(inputs: number, outputs: number, vectors: number, unroll: number, free: number): Tiling {
  let best: Tiling = { outputs: 1, vectors: 1, splits: 1 };
  let least = Infinity;
  for (const o of [8, 4, 2, 1]) {
    for (const q of [2, 1]) {
      for (const splits of [1, 2, 4, 8]) {
        if (outputs % o !== 0 || vectors % q !== 0) continue;
        const items = (outputs / o) * (vectors / q) * splits;
        if (splits > 1) {
          if (items > THREADS || inputs % (splits * unroll) !== 0) continue;
          if ((splits - 1) * outputs * vectors > free) continue;
        }
        const rounds = Math.ceil(items / THREADS);
        const adding = splits > 1 ? 100 + 16 * (2 * splits - 1) * o * q * (items / THREADS) : 0;
        const each = 4 * o * q + 16 * (q + Math.ceil(o / 4));
        const cycles = (rounds * inputs * each) / splits + adding;
        if (cycles < least) [best, least] = [{ outputs: o, vectors: q, splits }, cycles];
      }
    }
  }
  return best;
}

export type Product = Readonly<{
  inputs: number;
  outputs: number;
  /** Vectors of four cells in the block. */
  vectors: number;
  /** Inputs that are read before they are multiplied: a divisor of 4. */
  unroll: number;
  /** Of weights, inputs, sums and results. */
  precision: Precision;
  /** Workgroup arrays that hold the inputs and take the result. */
  from: string;
  into: string;
  /** Vectors of `into` that nobody reads any more; 0 where the result depends on them. */
  free: number;
  /** Expression: where the weights (inputs, outputs) begin, in vectors. */
  weight: string;
  /** Expression: where the bias begins, in vectors; none where left out. */
  bias?: string | undefined;
  /** Expression: what is stored at place `at` of `into`, given the sum `value`. */
  result: (value: string, at: string) => string;
}>;

/** Y = X W + b of a block, as statements for all threads. A barrier has to come before and after. */
export function product(of: Product): string {
  const { inputs, outputs, vectors, unroll, precision, from, into, free, weight, bias, result } = of;
  const vec4 = `vec4<${precision}>`;
  const tiling = tilingOf(inputs, outputs, vectors, unroll, free);
  const { outputs: O, vectors: Q, splits } = tiling;
  const tiles = (outputs / O) * (vectors / Q);
  const perRow = outputs / 4;
  const words = Math.max(1, O / 4);
  const component = (r: number, i: number) => {
    if (O >= 4) return `w${r}_${i >> 2}.${"xyzw"[i & 3]}`;
    return O === 2 ? `w${r}_0.${"xy"[i]}` : `w${r}_0`;
  };
  const load = (r: number) => {
    const at = (word: number) => `weights[row + ${r * perRow + word}u]`;
    if (O >= 4) return range(words).map((word) => `let w${r}_${word} = ${at(word)};`);
    if (O === 2)
      return [`let pair${r} = ${at(0)};`, `let w${r}_0 = select(pair${r}.zw, pair${r}.xy, (o & 2u) == 0u);`];
    return [`let w${r}_0 = ${at(0)}[o & 3u];`];
  };
  const sums = range(O).flatMap((i) => range(Q).map((j) => `s${i}_${j}`));
  const begin = (i: number) => {
    if (bias === undefined) return `${vec4}(0.0)`;
    const value = O >= 4 ? `${vec4}(b${i >> 2}.${"xyzw"[i & 3]})` : `${vec4}(b0[(o + ${i}u) & 3u])`;
    return splits === 1 ? value : `select(${vec4}(0.0), ${value}, part == 0u)`;
  };
  const biases =
    bias === undefined ? [] : range(words).map((k) => `let b${k} = weights[${bias} + o / 4u + ${k}u];`);
  const rows = range(unroll);
  const multiply = (item: string) => /* wgsl */ `
  let q = (${item} % ${vectors / Q}u) * ${Q}u;
  let o = (${item} / ${vectors / Q}u) * ${O}u;
  ${biases.join("\n  ")}
  ${sums.map((sum, n) => `${splits === 1 ? "var " : ""}${sum} = ${begin(Math.floor(n / Q))};`).join("\n  ")}
  let begins = ${splits === 1 ? "0u" : `part * ${inputs / splits}u`};
  for (var i = begins; i < begins + ${inputs / splits}u; i += ${unroll}u) {
    let column = ${placeText(vectors, "i", "q")};
    let row = ${weight} + i * ${perRow}u + o / 4u;
    ${rows
      .flatMap((r) => [
        ...range(Q).map((j) => `let x${r}_${j} = ${from}[column + ${r * vectors + j}u];`),
        ...load(r),
      ])
      .join("\n    ")}
    ${rows
      .flatMap((r) =>
        range(O).flatMap((i) =>
          range(Q).map((j) => `s${i}_${j} = fma(x${r}_${j}, ${vec4}(${component(r, i)}), s${i}_${j});`),
        ),
      )
      .join("\n    ")}
  }`;
  const store = range(O)
    .flatMap((i) =>
      range(Q).map(
        (j) => `{
    let at = ${placeText(vectors, `o + ${i}u`, `q + ${j}u`)};
    ${into}[at] = ${result(`s${i}_${j}`, "at")};
  }`,
      ),
    )
    .join("\n  ");
  if (splits === 1) {
    return /* wgsl */ `
for (var item = lid; item < ${tiles}u; item += ${THREADS}u) {${multiply("item")}
  ${store}
}`;
  }
  // Parts of one tile lie one after the other, each in the order of its sums; the first part stays in registers.
  const spill = (part: string, n: number) =>
    `${into}[((${part} - 1u) * ${tiles}u + tile) + ${n * tiles * (splits - 1)}u]`;
  return /* wgsl */ `
{
  let tile = lid % ${tiles}u;
  let part = lid / ${tiles}u;
  ${sums.map((sum) => `var ${sum} = ${vec4}(0.0);`).join("\n  ")}
  let q = (tile % ${vectors / Q}u) * ${Q}u;
  let o = (tile / ${vectors / Q}u) * ${O}u;
  if (part < ${splits}u) {${multiply("tile")}
    if (part > 0u) { ${sums.map((sum, n) => `${spill("part", n)} = ${sum};`).join(" ")} }
  }
  workgroupBarrier();
  if (part == 0u) {
    ${range(splits - 1)
      .flatMap((part) => sums.map((sum, n) => `${sum} += ${spill(`${part + 1}u`, n)};`))
      .join("\n    ")}
  }
  workgroupBarrier();
  if (part == 0u) {
    ${store}
  }
}`;
}

export type GradientProduct = Readonly<{
  inputs: number;
  outputs: number;
  vectors: number;
  /** Workgroup arrays of the layer's inputs and of the cotangents of its outputs. */
  from: string;
  back: string;
  /** Expressions: where the gradients of the weight and of the bias begin in `partials`, in vectors. */
  weight: string;
  bias?: string | undefined;
}>;

/** dW += X^T dY and db += the sum of dY over a block, as statements for all threads. */
export function gradientProduct(of: GradientProduct): string {
  const { inputs, outputs, vectors, from, back, weight, bias } = of;
  const I = inputs % 8 === 0 && (inputs / 8) * (outputs / 4) >= THREADS ? 8 : 4;
  const items = (inputs / I) * (outputs / 4);
  const perRow = outputs / 4;
  const rows = range(I);
  return /* wgsl */ `
for (var item = lid; item < ${items}u; item += ${THREADS}u) {
  let o = (item % ${perRow}u) * 4u;
  let i = (item / ${perRow}u) * ${I}u;
  let to = ${weight} + i * ${perRow}u + o / 4u;
  let xs = ${placeText(vectors, "i", "0u")};
  let ys = ${placeText(vectors, "o", "0u")};
  ${rows.map((r) => `let before${r} = partials[to + ${r * perRow}u];`).join("\n  ")}
  ${rows.map((r) => `var s${r} = vec4<f32>(0.0);`).join("\n  ")}
  for (var q = 0u; q < ${vectors}u; q++) {
    ${range(4)
      .map((j) => `let y${j} = ${back}[ys + ${j * vectors}u + q];`)
      .join("\n    ")}
    ${rows
      .map(
        (r) => `let x${r} = ${from}[xs + ${r * vectors + (r >> 2) * gapOf(vectors)}u + q];
    s${r} += vec4<f32>(${range(4)
      .map((j) => `dot(x${r}, y${j})`)
      .join(", ")});`,
      )
      .join("\n    ")}
  }
  ${rows.map((r) => `partials[to + ${r * perRow}u] = before${r} + s${r};`).join("\n  ")}
}${bias === undefined ? "" : biasGradient(outputs, vectors, back, bias)}`;
}

function biasGradient(outputs: number, vectors: number, back: string, bias: string): string {
  return /* wgsl */ `
for (var item = lid; item < ${outputs / 4}u; item += ${THREADS}u) {
  var sum = vec4<f32>(0.0);
  for (var q = 0u; q < ${vectors}u; q++) {
    ${range(4)
      .map((j) => `let y${j} = ${back}[${placeText(vectors, `item * 4u + ${j}u`, "q")}];`)
      .join("\n    ")}
    let one = vec4<f32>(1.0);
    sum += vec4<f32>(dot(y0, one), dot(y1, one), dot(y2, one), dot(y3, one));
  }
  partials[${bias} + item] += sum;
}`;
}
