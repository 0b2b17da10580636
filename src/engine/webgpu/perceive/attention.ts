import { attentionOf, attentionOffsets } from "../../../rule/parts/attention.ts";
import type { Rule } from "../../../rule/rule.ts";
import type { Plan } from "../layout.ts";
import { padded } from "../sizes.ts";
import { placeText } from "../shaders/product.ts";
import { type DeviceKind, offsetAt, offsetTable } from "./kind.ts";

const PARTS = ["x", "y", "z", "w"];

/**
 * Sizes: heads H of D numbers, O cells of a neighbourhood. What a cell sends for a head beside vectors of channels are `numbers`:
 * how much it attends to each neighbour, the cotangents of that before the softmax, its query, and the query's cotangent.
 */
function sizesOf(rule: Rule) {
  const { heads: H, size: D } = attentionOf(rule);
  const O = attentionOffsets(rule).length;
  const attended = 0;
  const scores = padded(O) / 4;
  const query = 2 * scores;
  const back = query + padded(D) / 4;
  const numbers = back + padded(D) / 4;
  return { H, D, O, places: padded(O) / 4, at: { attended, scores, query, back }, numbers };
}

/** Rows of vectors that a cell sends: itself; for each head dP, the weighted keys and the sum T; and then the numbers of heads. */
function rowsOf(rule: Rule) {
  const { H, numbers } = sizesOf(rule);
  const C4 = padded(rule.channels) / 4;
  return {
    means: 1,
    keys: 1 + H,
    sums: 1 + 2 * H,
    numbers: 1 + 3 * H,
    all: 1 + 3 * H + Math.ceil((H * numbers) / C4),
  };
}

/** Where queries, keys (H, D, C) and places (H, O) lie among what is trained, in vectors from its first. */
function tensorsOf(rule: Rule) {
  const { H, D, places } = sizesOf(rule);
  const C4 = padded(rule.channels) / 4;
  return { query: 0, key: H * D * C4, place: 2 * H * D * C4, all: 2 * H * D * C4 + H * places };
}

/** Queries and keys (C, H, D) and places (H, O), one after the other in the rule's own order. */
function trainedPlaces(rule: Rule): Int32Array {
  const { H, D, O, places } = sizesOf(rule);
  const { query, key, place, all } = tensorsOf(rule);
  const { channels } = rule;
  const C = padded(channels);
  const own = new Int32Array(all * 4).fill(-1);
  for (let c = 0; c < channels; c++) {
    for (let j = 0; j < H * D; j++) {
      own[query * 4 + j * C + c] = c * H * D + j;
      own[key * 4 + j * C + c] = (channels + c) * H * D + j;
    }
  }
  for (let h = 0; h < H; h++) {
    for (let o = 0; o < O; o++) own[(place + h * places) * 4 + o] = 2 * channels * H * D + h * O + o;
  }
  return own;
}

/**
 * Statements for head `h` of `cell`: its query `query`, the keys weighted by it `keyed`, so that a product with a neighbour's
 * numbers is its score, and how much it attends to each neighbour, `attended`.
 */
function attendText(plan: Plan): string {
  const { C4, rule, perception } = plan;
  const { D, O, places } = sizesOf(rule);
  const tensors = tensorsOf(rule);
  const trained = (at: string) => `vec4<f32>(weights[own + ${perception}u + ${at}])`;
  return /* wgsl */ `
  let place = placeOf(cell);
  var query = array<f32, ${padded(D)}>();
  var keyed = array<vec4<f32>, ${C4}>();
  for (var d = 0u; d < ${D}u; d++) {
    let row = (h * ${D}u + d) * ${C4}u;
    var product = 0.0;
    for (var c4 = 0u; c4 < ${C4}u; c4++) {
      product += dot(tape[state + cell * ${C4}u + c4], ${trained("row + c4")});
    }
    query[d] = product;
    for (var c4 = 0u; c4 < ${C4}u; c4++) {
      keyed[c4] += product * SCALE * ${trained(`${tensors.key}u + row + c4`)};
    }
  }
  var attended = array<f32, ${padded(O)}>();
  var most = -0x1p127f;
  var total = 0.0;
  for (var o = 0u; o < ${O}u; o++) {
    let n = neighbour(place, ${offsetAt("o")});
    var score = ${trained(`${tensors.place}u + h * ${places}u + o / 4u`)}[o & 3u];
    for (var c4 = 0u; c4 < ${C4}u; c4++) { score += dot(numbersAt(state, n, c4), keyed[c4]); }
    attended[o] = score;
    most = max(most, score);
  }
  for (var o = 0u; o < ${O}u; o++) {
    attended[o] = exp(attended[o] - most);
    total += attended[o];
  }
  for (var o = 0u; o < ${O}u; o++) { attended[o] = attended[o] / total; }`;
}

/** Vector v of the numbers that cell n sends for head h. */
function numberText({ C4, rule }: Plan, n: string, h: string, v: string): string {
  const { numbers } = sizesOf(rule);
  const index = `(${h} * ${numbers}u + ${v})`;
  return `sentBy(${n}, ${index} % ${C4}u, ${rowsOf(rule).numbers}u + ${index} / ${C4}u)`;
}

/** Attention over the neighbourhood: see engine/README.md. Constants: the offsets. */
export const attention: DeviceKind = {
  taps: (rule) => sizesOf(rule).O,
  trained: trainedPlaces,
  constants: (rule) => Float32Array.from(offsetTable(attentionOffsets(rule))),
  perceive(plan, vectors, put) {
    const { C, C4, rule } = plan;
    const { H, O } = sizesOf(rule);
    return /* wgsl */ `
for (var item = lid; item < ${vectors * C4}u; item += THREADS) {
  let c4 = item % ${C4}u;
  let q = item / ${C4}u;
  ${[0, 1, 2, 3].map((j) => `let s${j} = tape[state + cellAt(4u * q + ${j}u) * ${C4}u + c4];`).join("\n  ")}
  ${PARTS.map((part, c) =>
    put(
      placeText(vectors, `4u * c4 + ${c}u`, "q"),
      `vec4<f32>(s0.${part}, s1.${part}, s2.${part}, s3.${part})`,
    ),
  ).join("\n  ")}
}
for (var item = lid; item < ${vectors * H}u; item += THREADS) {
  let h = item % ${H}u;
  let q = item / ${H}u;
  var means = array<vec4<f32>, ${C}>();
  for (var j = 0u; j < 4u; j++) {
    let cell = cellAt(4u * q + j);
    ${attendText(plan)}
    for (var c4 = 0u; c4 < ${C4}u; c4++) {
      var mean = vec4<f32>(0.0);
      for (var o = 0u; o < ${O}u; o++) {
        mean += attended[o] * numbersAt(state, neighbour(place, ${offsetAt("o")}), c4);
      }
      ${PARTS.map((part, c) => `means[4u * c4 + ${c}u][j] = mean.${part};`).join(" ")}
    }
  }
  for (var c = 0u; c < ${C}u; c++) { ${put(placeText(vectors, `(1u + h) * ${C}u + c`, "q"), "means[c]")} }
}`;
  },
  sent: (rule) => rowsOf(rule).all,
  gather(plan) {
    const { C4, rule, perception } = plan;
    const { H, D, O, at } = sizesOf(rule);
    const rows = rowsOf(rule);
    return /* wgsl */ `if (acted(cell)) {
      sum += sentBy(cell, c4, 0u);
      for (var h = 0u; h < ${H}u; h++) {
        for (var d = 0u; d < ${D}u; d++) {
          let back = ${numberText(plan, "cell", "h", `${at.back}u + d / 4u`)}[d & 3u];
          sum += back * weights[own + ${perception}u + (h * ${D}u + d) * ${C4}u + c4];
        }
      }
    }
    for (var o = 0u; o < ${O}u; o++) {
      let to = neighbour(place, -${offsetAt("o")});
      if (to >= 0 && acted(u32(to))) {
        let n = u32(to);
        for (var h = 0u; h < ${H}u; h++) {
          let attended = ${numberText(plan, "n", "h", `${at.attended}u + o / 4u`)}[o & 3u];
          let score = ${numberText(plan, "n", "h", `${at.scores}u + o / 4u`)}[o & 3u];
          sum += attended * sentBy(n, c4, ${rows.means}u + h) + score * sentBy(n, c4, ${rows.keys}u + h);
        }
      }
    }`;
  },
  send(plan, vectors, _seen, back) {
    const { C, C4, rule, perception } = plan;
    const { H, D, O, at, numbers } = sizesOf(rule);
    const rows = rowsOf(rule);
    const tensors = tensorsOf(rule);
    const cotangent = (k: string) =>
      `vec4<f32>(${[0, 1, 2, 3].map((c) => `${back}[${placeText(vectors, `${k} * ${C}u + 4u * c4 + ${c}u`, "i / 4u")}][i & 3u]`).join(", ")})`;
    const sendNumbers = (count: number, first: number, name: string) => /* wgsl */ `
  for (var v = 0u; v < ${padded(count) / 4}u; v++) {
    let index = h * ${numbers}u + ${first}u + v;
    send(cell, index % ${C4}u, ${rows.numbers}u + index / ${C4}u,
      vec4<f32>(${name}[4u * v], ${name}[4u * v + 1u], ${name}[4u * v + 2u], ${name}[4u * v + 3u]));
  }`;
    return /* wgsl */ `
for (var item = lid; item < count * ${C4}u; item += THREADS) {
  let c4 = item % ${C4}u;
  let i = item / ${C4}u;
  send(cellAt(i), c4, 0u, ${cotangent("0u")});
}
for (var item = lid; item < count * ${H}u; item += THREADS) {
  let h = item % ${H}u;
  let i = item / ${H}u;
  let cell = cellAt(i);
  ${attendText(plan)}
  var scores = array<f32, ${padded(O)}>();
  var mean = 0.0;
  for (var o = 0u; o < ${O}u; o++) {
    let n = neighbour(place, ${offsetAt("o")});
    var product = 0.0;
    for (var c4 = 0u; c4 < ${C4}u; c4++) { product += dot(${cotangent("(1u + h)")}, numbersAt(state, n, c4)); }
    scores[o] = product;
    mean += attended[o] * product;
  }
  for (var o = 0u; o < ${O}u; o++) { scores[o] = attended[o] * (scores[o] - mean); }
  var backs = array<f32, ${padded(D)}>();
  for (var c4 = 0u; c4 < ${C4}u; c4++) {
    var sum = vec4<f32>(0.0);
    for (var o = 0u; o < ${O}u; o++) {
      sum += scores[o] * numbersAt(state, neighbour(place, ${offsetAt("o")}), c4);
    }
    for (var d = 0u; d < ${D}u; d++) {
      backs[d] += SCALE * dot(weights[own + ${perception + tensors.key}u + (h * ${D}u + d) * ${C4}u + c4], sum);
    }
    send(cell, c4, ${rows.sums}u + h, sum);
    send(cell, c4, ${rows.keys}u + h, keyed[c4]);
    send(cell, c4, ${rows.means}u + h, ${cotangent("(1u + h)")});
  }
  ${sendNumbers(O, at.attended, "attended")}
  ${sendNumbers(O, at.scores, "scores")}
  ${sendNumbers(D, at.query, "query")}
  ${sendNumbers(D, at.back, "backs")}
}`;
  },
  /** dQ += S^T dq, dK += T^T q / sqrt(D) and db += ds, of what the cells of the block have sent. */
  gradient(plan) {
    const { C4, rule, perception } = plan;
    const { H, D, places, at } = sizesOf(rule);
    const rows = rowsOf(rule);
    const tensors = tensorsOf(rule);
    const sent = (n: string, h: string, v: string) => numberText(plan, n, h, v).replace("sentBy", "sending");
    return /* wgsl */ `
storageBarrier();
for (var item = lid; item < ${H * D * C4}u; item += THREADS) {
  let c4 = item % ${C4}u;
  let d = item / ${C4}u % ${D}u;
  let h = item / ${C4 * D}u;
  var dQuery = vec4<f32>(0.0);
  var dKey = vec4<f32>(0.0);
  for (var i = 0u; i < count; i++) {
    let cell = cellAt(i);
    dQuery += ${sent("cell", "h", `${at.back}u + d / 4u`)}[d & 3u] * tape[state + cell * ${C4}u + c4];
    dKey += SCALE * ${sent("cell", "h", `${at.query}u + d / 4u`)}[d & 3u] * sending(cell, c4, ${rows.sums}u + h);
  }
  let place = gradient + ${perception}u + (h * ${D}u + d) * ${C4}u + c4;
  partials[place] += dQuery;
  partials[place + ${tensors.key}u] += dKey;
}
for (var item = lid; item < ${H * places}u; item += THREADS) {
  let v = item % ${places}u;
  let h = item / ${places}u;
  var sum = vec4<f32>(0.0);
  for (var i = 0u; i < count; i++) { sum += ${sent("cellAt(i)", "h", `${at.scores}u + v`)}; }
  partials[gradient + ${perception + tensors.place}u + item] += sum;
}`;
  },
  functions: ({ rule }) => `const SCALE = ${1 / Math.sqrt(sizesOf(rule).D)}f;`,
};
