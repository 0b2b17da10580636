/** Shaders of the step itself, forward: who may live (`sense`), who moves and how (`update`), who lives on (`mask`). */
import { NOISE_SCALE } from "../../../step/noise.ts";
import type { Rule } from "../../../rule/rule.ts";
import { deviceKind } from "../perceive/kinds.ts";
import type { Plan } from "../layout.ts";
import { THREADS, TILE } from "../sizes.ts";
import { BLOCK, floatText, LISTING, numbersText, preamble } from "./common.ts";
import { blockVectors, placeText, product } from "./product.ts";

/** What forward shaders begin with: bindings of group 0 after the two uniforms. */
const beginning = (
  plan: Plan,
) => /* wgsl */ `${plan.precision === "f16" ? "enable f16;\n" : ""}${preamble(plan)}
/** By sample: its steps, and its number in the hash. */
@group(0) @binding(2) var<storage, read> samples: array<vec2<u32>>;
@group(0) @binding(3) var<storage, read> weights: array<vec4<${plan.precision}>>;
/** Which set a cell runs, four cells a word. */
@group(0) @binding(4) var<storage, read> sets: array<u32>;
@group(0) @binding(5) var<storage, read_write> tape: array<vec4<f32>>;
/** By sample and cell: 1 where it may live before a step of even number, whether it moved above the threshold, and as the first for odd ones. */
@group(0) @binding(6) var<storage, read_write> marks: array<u32>;
/** By step, sample and 32 cells: who lives after the step. */
@group(0) @binding(7) var<storage, read_write> life: array<u32>;
/** By sample: cells updated, low and high word. */
@group(0) @binding(8) var<storage, read_write> updates: array<atomic<u32>>;

/** Where the marks of a cell lie. */
fn may(n: u32) -> u32 { return step.half * 2u * grid.batch * grid.cells + n; }
fn mayNext(n: u32) -> u32 { return (1u - step.half) * 2u * grid.batch * grid.cells + n; }
fn moved(n: u32) -> u32 { return grid.batch * grid.cells + n; }`;

/** Rounds weights to half precision: as many threads as are started share them. Either buffer may be larger than they are. */
export const ROUND_SHADER = /* wgsl */ `enable f16;
@group(0) @binding(0) var<storage, read> weights: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> rounded: array<vec4<f16>>;

@compute @workgroup_size(${THREADS})
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  for (var i = id.x; i < min(arrayLength(&weights), arrayLength(&rounded)); i += groups.x * ${THREADS}u) { rounded[i] = vec4<f16>(weights[i]); }
}`;

/** Statements: whether some cell around one, as far as the mask reaches, passes a test of its number `n`. */
function anyAround(test: string): string {
  return /* wgsl */ `for (var o = 0u; o < grid.around; o++) {
        let offset = vec3<i32>(vec3<u32>(o / 9u, o / 3u % 3u, o % 3u)) -
          vec3<i32>(vec3<u32>(grid.middleDepth, grid.middleHeight, grid.middleWidth));
        let around = neighbour(place, offset);
        if (around >= 0) { let n = first + u32(around); found = (${test}) || found; }
      }`;
}

/** Whether what a state has where cells are empty exceeds the threshold: then dead cells count as alive. */
export function emptyLives({ alive }: Rule): boolean {
  return alive.mask === "both" && Math.fround(alive.threshold) < 0;
}

/** `marks` of the state before a step, from its numbers: 1 where a cell is alive by the mask. */
export function senseShader(plan: Plan): string {
  const { C4 } = plan;
  return /* wgsl */ `${beginning(plan)}
@compute @workgroup_size(${TILE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
  let first = group.y * grid.cells;
  for (var tile = group.x; tile < grid.tiles; tile += grid.groups) {
    let cell = tile * ${TILE}u + lid;
    if (cell >= grid.cells) { continue; }
    let place = placeOf(cell);
    var found = false;
    ${anyAround(`tape[step.before + n * ${C4}u + grid.aliveVector][grid.alivePart] > grid.threshold`)}
    marks[may(first + cell)] = select(0u, 1u, found);
  }
}`;
}

type Arrays = Readonly<{
  declarations: string;
  nameOf: (index: number) => string;
  vectorsOf: (index: number) => number;
}>;

/** What goes into and out of the layers forward: the inputs of layer l lie in `even` or `odd`. */
function arrays(plan: Plan, block: number): Arrays {
  const sizes = [plan.layers[0].inputs, ...plan.layers.map(({ outputs }) => outputs)];
  const vectorsOf = (index: number) =>
    blockVectors(Math.max(4, ...sizes.filter((_, i) => i % 2 === index % 2)), block / 4);
  return {
    declarations: /* wgsl */ `
var<workgroup> even: array<vec4<${plan.precision}>, ${vectorsOf(0)}>;
var<workgroup> odd: array<vec4<${plan.precision}>, ${vectorsOf(1)}>;`,
    nameOf: (index) => (index % 2 === 0 ? "even" : "odd"),
    vectorsOf,
  };
}

/** Expression: where the first bias of the sample's set begins, in vectors. */
export function biasText(plan: Plan, layer: number): string | undefined {
  const { bias, outputs } = plan.layers[layer];
  if (bias === undefined) return undefined;
  if (layer > 0 || plan.rule.inputSize === 0) return `own + ${bias}u`;
  return `grid.biases + (sample * grid.sets + member) * ${outputs / 4}u`;
}

function networkText(plan: Plan, vectors: number, { nameOf, vectorsOf }: Arrays): string {
  const zero = `vec4<${plan.precision}>(0.0)`;
  return plan.layers
    .map((layer, index) => {
      const last = index + 1 === plan.layers.length;
      return product({
        ...layer,
        vectors,
        unroll: plan.unroll,
        precision: plan.precision,
        from: nameOf(index),
        into: nameOf(index + 1),
        free: vectorsOf(index + 1),
        weight: `own + ${layer.weight}u`,
        bias: biasText(plan, index),
        result: (value) => (last ? value : `select(${value}, ${zero}, ${value} < ${zero})`),
      });
    })
    .join("\n  workgroupBarrier();\n");
}

const NOISE = /* wgsl */ `
/** step/noise.ts, to the last bit. */
fn noiseAt(id: u32, number: u32) -> f32 {
  let words = pcg4d(grid.noiseKey, id, step.number, number);
  let halves = (words & vec4<u32>(0xffffu)) + (words >> vec4<u32>(16u));
  let sum = halves.x + halves.y + halves.z + halves.w;
  return f32(i32(2u * sum) - ${8 * 65535}) * ${floatText(NOISE_SCALE)};
}`;

/** The update of four channels of one cell, before it is scaled. */
function updateText(noise: boolean): string {
  if (!noise) return "delta";
  const numbers = [0, 1, 2, 3].map((c) => `noiseAt(id, cell * grid.channels + 4u * c4 + ${c}u)`);
  return `delta + grid.sigma * vec4<f32>(${numbers.join(", ")})`;
}

/** Statement: notes whether a cell with these numbers in the alive channel's vector is above the threshold. */
function noteText(cell: string, value: string): string {
  return `marks[moved(first + ${cell})] = select(0u, 1u, ${value}[grid.alivePart] > grid.threshold);`;
}

/**
 * The state after a step, before its mask: cells that fire and may matter run the network, the others are copied. With a
 * mask, `marks` says afterwards who is above the threshold.
 *
 * @param graft whether cells differ in the set that they run.
 */
export function updateShader(plan: Plan, graft: boolean): string {
  const { rule, C4, forwardBlock: block } = plan;
  const kind = deviceKind(rule)!;
  const noise = rule.noise !== undefined && rule.noise !== 0;
  const vectors = block / 4;
  const own = arrays(plan, block);
  const { declarations, nameOf } = own;
  const delta = nameOf(plan.layers.length);
  return /* wgsl */ `${beginning(plan)}
${LISTING}
${declarations}
${noise ? NOISE : ""}
${BLOCK}
${numbersText(plan)}
${kind.functions?.(plan) ?? ""}
${
  graft
    ? /* wgsl */ `
fn memberOf(cell: u32) -> u32 {
  return (sets[cell / 4u] >> (8u * (cell % 4u))) & 0xffu;
}`
    : ""
}
var<workgroup> counted: atomic<u32>;

@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
  let sample = group.y;
  let first = sample * grid.cells;
  let state = step.before + first * ${C4}u;
  let next = step.after + first * ${C4}u;
  let id = samples[sample].y;
  let moves = step.t < samples[sample].x;
  for (var tile = group.x; tile < grid.tiles; tile += grid.groups) {
    start = tile * ${TILE}u;
    let members = ${graft ? "select(1u, grid.sets, moves)" : "1u"};
    for (var member = 0u; member < members; member++) {
      clearBits(lid);
      if (lid == 0u) { atomicStore(&counted, 0u); }
      workgroupBarrier();
      for (var i = lid; i < ${TILE}u; i += THREADS) {
        let cell = start + i;
        if (cell >= grid.cells) { break; }
        var acts = moves && fires(id, cell);
        if (acts && grid.both != 0u) {
          let place = placeOf(cell);
          var found = false;
          ${anyAround("marks[may(n)] != 0u")}
          acts = found;
        }
        ${graft ? "if (moves && memberOf(cell) != member) { continue; }" : ""}
        if (acts) {
          setBit(i);
          if (grid.both == 0u || marks[may(first + cell)] != 0u) { atomicAdd(&counted, 1u); }
          continue;
        }
        for (var c4 = 0u; c4 < ${C4}u; c4++) { tape[next + cell * ${C4}u + c4] = tape[state + cell * ${C4}u + c4]; }
        if (grid.masked != 0u) {
          let kept = tape[state + cell * ${C4}u + grid.aliveVector];
          ${noteText("cell", "kept")}
        }
      }
      workgroupBarrier();
      listBits(lid, THREADS);
      if (lid == 0u && step.counts != 0u) {
        let done = atomicLoad(&counted);
        let low = atomicAdd(&updates[2u * sample], done);
        if (low + done < low) { atomicAdd(&updates[2u * sample + 1u], 1u); }
      }
      let all = workgroupUniformLoad(&chosen);
      var parameters = grid.population * sample;
      ${graft ? "if (member > 0u) { parameters = grid.grafts + member - 1u; }" : ""}
      let own = parameters * grid.stride;
      for (var at = 0u; at < all; at += ${block}u) {
        begin = at;
        count = min(${block}u, all - at);
        ${kind.perceive(plan, vectors, (at, value) => `${nameOf(0)}[${at}] = vec4<${plan.precision}>(${value});`)}
        workgroupBarrier();
        ${networkText(plan, vectors, own)}
        workgroupBarrier();
        for (var item = lid; item < ${vectors * C4}u; item += THREADS) {
          let c4 = item % ${C4}u;
          let q = item / ${C4}u;
          let at = ${placeText(vectors, "4u * c4", "q")};
          ${[0, 1, 2, 3].map((c) => `let d${c} = vec4<f32>(${delta}[at + ${c * vectors}u]);`).join("\n          ")}
          ${["x", "y", "z", "w"]
            .map(
              (part, j) => `if (4u * q + ${j}u < count) {
            let cell = cellAt(4u * q + ${j}u);
            let delta = vec4<f32>(d0.${part}, d1.${part}, d2.${part}, d3.${part});
            let now = tape[state + cell * ${C4}u + c4];
            let result = select(now + grid.stepSize * (${updateText(noise)}), now, pinned(c4));
            tape[next + cell * ${C4}u + c4] = result;
            if (grid.masked != 0u && c4 == grid.aliveVector) { ${noteText("cell", "result")} }
          }`,
            )
            .join("\n          ")}
        }
        workgroupBarrier();
      }
      workgroupBarrier();
    }
  }
}`;
}

/** Empties cells that do not live on, notes who does, and marks who may live in the next step. */
export function maskShader(plan: Plan): string {
  const { C4 } = plan;
  return /* wgsl */ `${beginning(plan)}
var<workgroup> living: array<atomic<u32>, ${TILE / 32}>;

@compute @workgroup_size(${TILE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
  let sample = group.y;
  let first = sample * grid.cells;
  let moves = step.t < samples[sample].x;
  for (var tile = group.x; tile < grid.tiles; tile += grid.groups) {
    if (lid < ${TILE / 32}u) { atomicStore(&living[lid], 0u); }
    workgroupBarrier();
    let cell = tile * ${TILE}u + lid;
    if (cell < grid.cells && moves) {
      let place = placeOf(cell);
      var found = false;
      // After the mask, a cell is above the threshold where it was before it and may live; a pinned one stays what it was.
      var next = false;
      ${anyAround(`mark(n, &next)`)}
      let lives = found && (grid.both == 0u || marks[may(first + cell)] != 0u);
      if (lives) { atomicOr(&living[lid / 32u], 1u << (lid % 32u)); }
      else {
        let at = step.after + (first + cell) * ${C4}u;
        for (var c4 = 0u; c4 < ${C4}u; c4++) { tape[at + c4] = select(vec4<f32>(0.0), tape[at + c4], pinned(c4)); }
      }
      if (grid.both != 0u) { marks[mayNext(first + cell)] = select(0u, 1u, next); }
    }
    workgroupBarrier();
    if (lid < ${TILE / 32}u) {
      life[step.life + (sample * grid.tiles + tile) * ${TILE / 32}u + lid] = atomicLoad(&living[lid]);
    }
    workgroupBarrier();
  }
}

/** Whether a cell moved above the threshold; notes whether it stays there. */
fn mark(n: u32, next: ptr<function, bool>) -> bool {
  let above = marks[moved(n)] != 0u;
  *next = *next || (above && (grid.alivePinned != 0u || (grid.both != 0u && marks[may(n)] != 0u)));
  return above;
}`;
}
