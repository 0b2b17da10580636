/** Shaders of the adjoint of a step: `pull` gathers what was sent back and goes back through the network; sums of gradients. */
import { deviceKind } from "../perceive/kinds.ts";
import type { Plan } from "../layout.ts";
import { THREADS, TILE } from "../sizes.ts";
import { BLOCK, LISTING, numbersText, preamble } from "./common.ts";
import { biasText } from "./forward.ts";
import { blockVectors, gradientProduct, placeText, product } from "./product.ts";

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

const BINDINGS = /* wgsl */ `
@group(0) @binding(2) var<storage, read> samples: array<vec2<u32>>;
@group(0) @binding(3) var<storage, read> weights: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> tape: array<vec4<f32>>;
/** By step, sample and 32 cells: who lives after the step; behind them, twice, who sent something back, by sample. */
@group(0) @binding(5) var<storage, read_write> life: array<u32>;
/** Cotangents that were given, and where those after a step begin, in vectors and by sample; all ones where there are none. */
@group(0) @binding(6) var<storage, read> given: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read> places: array<u32>;
/** d loss / d state, masked, by sample and cell; behind them, twice, what cells sent back. */
@group(0) @binding(8) var<storage, read_write> back: array<vec4<f32>>;
/** Sums of gradients, by sample and workgroup. */
@group(0) @binding(9) var<storage, read_write> partials: array<vec4<f32>>;`;

/** d loss / d state of a cell after the step: what was masked in the step that followed, what others sent, what was given. */
function incoming(plan: Plan): string {
  const { rule, C4 } = plan;
  const kind = deviceKind(rule)!;
  const sent = kind.sent(rule);
  return /* wgsl */ `
var<private> sample: u32;
var<private> own: u32;

fn actingWord(half: u32, word: u32) -> u32 {
  return step.d + (half * grid.batch + sample) * grid.tiles * ${TILE / 32}u + word;
}

fn acted(n: u32) -> bool {
  return (life[actingWord(step.half, n / 32u)] & (1u << (n % 32u))) != 0u;
}

fn sentAt(half: u32, n: u32, c4: u32, i: u32) -> u32 {
  let cells = grid.batch * grid.cells;
  return cells * ${C4}u + (((half * cells + sample * grid.cells + n) * ${sent}u) + i) * ${C4}u + c4;
}

fn incoming(cell: u32, c4: u32) -> vec4<f32> {
  var sum = vec4<f32>(0.0);
  if (step.first == 0u) {
    let place = placeOf(cell);
    sum = back[(sample * grid.cells + cell) * ${C4}u + c4];
    ${kind.gather(plan)}
  }
  let begins = places[(step.t + 1u) * grid.batch + sample];
  if (begins != 0xffffffffu) { sum += given[begins + cell * ${C4}u + c4]; }
  return sum;
}

fn sentBy(n: u32, c4: u32, i: u32) -> vec4<f32> {
  return back[sentAt(step.half, n, c4, i)];
}`;
}

/** Numbers of all layers of a block. */
function arrays(plan: Plan, block: number, keepsSeen: boolean): string {
  const sizes = [plan.layers[0].inputs, ...plan.layers.map(({ outputs }) => outputs)];
  const declared = sizes.map(
    (size, i) => `var<workgroup> a${i}: array<vec4<f32>, ${blockVectors(size, block / 4)}>;`,
  );
  if (keepsSeen) declared.push(`var<workgroup> p: array<vec4<f32>, ${blockVectors(sizes[0], block / 4)}>;`);
  return declared.join("\n");
}

/** One step back. What cells send is read from one half and written to the other. */
export function pullShader(plan: Plan): string {
  const { rule, C4, backwardBlock: block, layers, unroll } = plan;
  const kind = deviceKind(rule)!;
  const vectors = block / 4;
  const last = layers.length;
  const forward = layers
    .slice(0, -1)
    .map((layer, index) =>
      product({
        ...layer,
        vectors,
        unroll,
        precision: "f32",
        from: `a${index}`,
        into: `a${index + 1}`,
        free: blockVectors(layer.outputs, vectors),
        weight: `own + ${layer.weight}u`,
        bias: biasText(plan, index),
        result: (value) => `select(${value}, vec4<f32>(0.0), ${value} < vec4<f32>(0.0))`,
      }),
    )
    .join("\n  workgroupBarrier();\n");
  const backward = layers
    .map((layer, index) => {
      const gradient = gradientProduct({
        ...layer,
        vectors,
        from: `a${index}`,
        back: `a${index + 1}`,
        weight: `gradient + ${layer.weight}u`,
        bias: layer.bias === undefined ? undefined : `gradient + ${layer.bias}u`,
      });
      const into = index === 0 && kind.keepsSeen ? "p" : `a${index}`;
      const pull = product({
        inputs: layer.outputs,
        outputs: layer.inputs,
        vectors,
        unroll,
        precision: "f32",
        from: `a${index + 1}`,
        into,
        free: index === 0 ? blockVectors(layer.inputs, vectors) : 0,
        weight: `own + ${layer.transpose}u`,
        result: (value, at) =>
          index === 0 ? value : `select(vec4<f32>(0.0), ${value}, ${into}[${at}] > vec4<f32>(0.0))`,
      });
      return `${gradient}
  workgroupBarrier();
${pull}
  workgroupBarrier();`;
    })
    .toReversed()
    .join("\n");
  const dP = kind.keepsSeen ? "p" : "a0";
  return /* wgsl */ `${preamble(plan)}
${BINDINGS}
${incoming(plan)}
${LISTING}
${arrays(plan, block, kind.keepsSeen ?? false)}
${BLOCK}
fn send(cell: u32, c4: u32, i: u32, value: vec4<f32>) {
  back[sentAt(1u - step.half, cell, c4, i)] = value;
}
fn sending(n: u32, c4: u32, i: u32) -> vec4<f32> {
  return back[sentAt(1u - step.half, n, c4, i)];
}
${numbersText(plan)}
${kind.functions?.(plan) ?? ""}

@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
  sample = group.y;
  let member = 0u;
  let first = sample * grid.cells;
  let state = step.before + first * ${C4}u;
  let id = samples[group.y].y;
  let moves = step.t < samples[group.y].x;
  own = grid.population * sample * grid.stride;
  let gradient = (sample * grid.groups + group.x) * ${plan.trained}u;
  for (var tile = group.x; tile < grid.tiles; tile += grid.groups) {
    start = tile * ${TILE}u;
    clearBits(lid);
    workgroupBarrier();
    let word = step.life + (sample * grid.tiles + tile) * ${TILE / 32}u;
    for (var item = lid; item < ${TILE * C4}u; item += THREADS) {
      let i = item / ${C4}u;
      let c4 = item % ${C4}u;
      let cell = start + i;
      if (cell >= grid.cells) { break; }
      let lives = !moves || grid.masked == 0u || (life[word + i / 32u] & (1u << (i % 32u))) != 0u;
      var value = incoming(cell, c4);
      if (!lives) { value = select(vec4<f32>(0.0), value, pinned(c4)); }
      back[(first + cell) * ${C4}u + c4] = value;
      if (c4 == 0u && lives && moves && fires(id, cell)) { setBit(i); }
    }
    storageBarrier();
    workgroupBarrier();
    listBits(lid, THREADS);
    if (lid < ${TILE / 32}u) {
      life[actingWord(1u - step.half, tile * ${TILE / 32}u + lid)] = atomicLoad(&bits[lid]);
    }
    let all = workgroupUniformLoad(&chosen);
    for (var at = 0u; at < all; at += ${block}u) {
      begin = at;
      count = min(${block}u, all - at);
      ${kind.perceive(plan, vectors, (at, value) => `a0[${at}] = ${value};`)}
      for (var item = lid; item < ${vectors * C4}u; item += THREADS) {
        let c4 = item % ${C4}u;
        let q = item / ${C4}u;
        ${[0, 1, 2, 3]
          .map(
            (j) => `var v${j} = vec4<f32>(0.0);
        if (4u * q + ${j}u < count) {
          v${j} = select(grid.stepSize * back[(first + cellAt(4u * q + ${j}u)) * ${C4}u + c4], vec4<f32>(0.0), pinned(c4));
        }`,
          )
          .join("\n        ")}
        let to = ${placeText(vectors, "4u * c4", "q")};
        ${[0, 1, 2, 3]
          .map((c) => `a${last}[to + ${c * vectors}u] = vec4<f32>(v0[${c}], v1[${c}], v2[${c}], v3[${c}]);`)
          .join("\n        ")}
      }
      workgroupBarrier();
      ${forward}
      workgroupBarrier();
      ${backward}
      ${kind.send(plan, vectors, "a0", dP)}
      ${kind.gradient?.(plan, vectors, dP) ?? ""}
      workgroupBarrier();
    }
    workgroupBarrier();
  }
}
`;
}

/** d loss / d initial state, once the first step was pulled back. */
export function gatherShader(plan: Plan): string {
  const { rule, C4 } = plan;
  return /* wgsl */ `${preamble(plan)}
${BINDINGS}
${incoming(plan)}
/** Where the result goes: the half of what was sent that is not read. */
@compute @workgroup_size(${TILE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
  sample = group.y;
  own = grid.population * sample * grid.stride;
  let sent = grid.batch * grid.cells * ${C4}u * (1u + (1u - step.half) * ${deviceKind(rule)!.sent(rule)}u);
  for (var tile = group.x; tile < grid.tiles; tile += grid.groups) {
    let cell = tile * ${TILE}u + lid;
    if (cell >= grid.cells) { continue; }
    for (var c4 = 0u; c4 < ${C4}u; c4++) {
      back[sent + (sample * grid.cells + cell) * ${C4}u + c4] = incoming(cell, c4);
    }
  }
}`;
}

/** Sums of gradients, partial ones in their order. */
export const REDUCE_SHADER = /* wgsl */ `
struct Reduce {
  /** Vectors of one partial gradient; those to add up, and how many. */
  stride: u32,
  first: u32,
  length: u32,
  /** Partial gradients that make one sum, and sums. */
  terms: u32,
  sums: u32,
  /** Where sums go, in vectors. */
  to: u32,
}
@group(0) @binding(0) var<uniform> reduce: Reduce;
@group(0) @binding(1) var<storage, read> partials: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> sums: array<vec4<f32>>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= reduce.length) { return; }
  for (var s = id.y; s < reduce.sums; s += 65535u) {
    var sum = vec4<f32>(0.0);
    var at = s * reduce.terms * reduce.stride + reduce.first + id.x;
    var term = 0u;
    // Several at once, so that a device waits for memory once.
    for (; term + 8u <= reduce.terms; term += 8u) {
      ${range(8)
        .map((i) => `let p${i} = partials[at + ${i}u * reduce.stride];`)
        .join("\n      ")}
      ${range(8)
        .map((i) => `sum += p${i};`)
        .join(" ")}
      at += 8u * reduce.stride;
    }
    for (; term < reduce.terms; term++) {
      sum += partials[at];
      at += reduce.stride;
    }
    sums[reduce.to + s * reduce.length + id.x] = sum;
  }
}`;
