/**
 * Products of a block of cells with a layer's weights, in workgroup memory: numbers of cells lie feature by feature, four
 * cells in a vector. Each thread makes a tile of outputs for some cells, all of it in registers.
 */
import { THREADS } from "../sizes.ts";

/** Outputs and vectors of four cells that a thread makes at once, the largest first. */
const TILES = [
  [8, 1],
  [4, 2],
  [4, 1],
  [2, 1],
  [1, 1],
] as const;

function tileOf(outputs: number, vectors: number): readonly [number, number] {
  const fits = TILES.filter(([o, q]) => outputs % o === 0 && vectors % q === 0);
  return fits.find(([o, q]) => (outputs / o) * (vectors / q) >= THREADS) ?? fits[fits.length - 1];
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

export type Product = Readonly<{
  inputs: number;
  outputs: number;
  /** Vectors of four cells in the block. */
  vectors: number;
  /** Workgroup array that holds the inputs. */
  from: string;
  /** Expression: where the weights (inputs, outputs) begin, in vectors. */
  weight: string;
  /** Expression: where the bias begins, in vectors; none where left out. */
  bias?: string | undefined;
  /** Statement: what to do with the sum `value` of output `o` for the cells of vector `q`. */
  store: (value: string, o: string, q: string) => string;
}>;

/** Y = X W + b of a block, as statements for all threads. A barrier has to come before and after. */
export function product({ inputs, outputs, vectors, from, weight, bias, store }: Product): string {
  const [O, Q] = tileOf(outputs, vectors);
  const items = (outputs / O) * (vectors / Q);
  const perRow = outputs / 4;
  const words = Math.max(1, O / 4);
  const component = (i: number) => {
    if (O >= 4) return `w${i >> 2}.${"xyzw"[i & 3]}`;
    return O === 2 ? `w0.${"xy"[i]}` : "w0";
  };
  const load = (row: string) => {
    const at = (word: number) => `weights[${weight} + ${row} * ${perRow}u + o / 4u + ${word}u]`;
    if (O >= 4) return range(words).map((word) => `let w${word} = ${at(word)};`);
    if (O === 2) return [`let w = ${at(0)};`, "let w0 = select(w.zw, w.xy, (o & 2u) == 0u);"];
    return [`let w0 = ${at(0)}[o & 3u];`];
  };
  const sums = range(O).flatMap((i) => range(Q).map((j) => `s${i}_${j}`));
  const begin = (i: number) => {
    if (bias === undefined) return "vec4<f32>(0.0)";
    return `vec4<f32>(weights[${bias} + (o + ${i}u) / 4u][(o + ${i}u) & 3u])`;
  };
  return /* wgsl */ `
for (var item = lid; item < ${items}u; item += ${THREADS}u) {
  let q = (item % ${vectors / Q}u) * ${Q}u;
  let o = (item / ${vectors / Q}u) * ${O}u;
  ${sums.map((sum, n) => `var ${sum} = ${begin(Math.floor(n / Q))};`).join("\n  ")}
  for (var i = 0u; i < ${inputs}u; i++) {
    ${range(Q)
      .map((j) => `let x${j} = ${from}[i * ${vectors}u + q + ${j}u];`)
      .join("\n    ")}
    ${load("i").join("\n    ")}
    ${range(O)
      .flatMap((i) => range(Q).map((j) => `s${i}_${j} = fma(x${j}, vec4<f32>(${component(i)}), s${i}_${j});`))
      .join("\n    ")}
  }
  ${range(O)
    .flatMap((i) => range(Q).map((j) => store(`s${i}_${j}`, `(o + ${i}u)`, `(q + ${j}u)`)))
    .join("\n  ")}
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
export function gradientProduct({
  inputs,
  outputs,
  vectors,
  from,
  back,
  weight,
  bias,
}: GradientProduct): string {
  const I = inputs % 8 === 0 && (inputs / 8) * (outputs / 4) >= THREADS ? 8 : 4;
  const items = (inputs / I) * (outputs / 4);
  const perRow = outputs / 4;
  const sums = range(I).map((i) => `s${i}`);
  return /* wgsl */ `
for (var item = lid; item < ${items}u; item += ${THREADS}u) {
  let o = (item % ${perRow}u) * 4u;
  let i = (item / ${perRow}u) * ${I}u;
  ${sums.map((sum) => `var ${sum} = vec4<f32>(0.0);`).join("\n  ")}
  for (var q = 0u; q < ${vectors}u; q++) {
    ${range(4)
      .map((j) => `let y${j} = ${back}[(o + ${j}u) * ${vectors}u + q];`)
      .join("\n    ")}
    ${range(I)
      .map(
        (i) =>
          `let x${i} = ${from}[(i + ${i}u) * ${vectors}u + q];
    s${i} += vec4<f32>(${range(4)
      .map((j) => `dot(x${i}, y${j})`)
      .join(", ")});`,
      )
      .join("\n    ")}
  }
  ${sums.map((sum, i) => `partials[${weight} + (i + ${i}u) * ${perRow}u + o / 4u] += ${sum};`).join("\n  ")}
}${bias === undefined ? "" : biasGradient(outputs, vectors, back, bias)}`;
}

function biasGradient(outputs: number, vectors: number, back: string, bias: string): string {
  return /* wgsl */ `
for (var item = lid; item < ${outputs / 4}u; item += ${THREADS}u) {
  var sum = vec4<f32>(0.0);
  for (var q = 0u; q < ${vectors}u; q++) {
    ${range(4)
      .map((j) => `let y${j} = ${back}[(item * 4u + ${j}u) * ${vectors}u + q];`)
      .join("\n    ")}
    let one = vec4<f32>(1.0);
    sum += vec4<f32>(dot(y0, one), dot(y1, one), dot(y2, one), dot(y3, one));
  }
  partials[${bias} + item] += sum;
}`;
}
