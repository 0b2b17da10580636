/** Losses of states where they lie, and their cotangents: see `LossTerm`. */
import type { LossTerm } from "../../../engine.ts";
import type { Plan } from "../layout.ts";
import { preamble } from "./common.ts";

/** Cells that a workgroup looks at side by side. */
export const GROUP = 256;

/** Words of a visit: where its state and its cotangent begin, in vectors, and {@link TERM_WORDS} for each term. */
export const VISIT_WORDS = 2;
/** Where the target and the weights of cells begin among the fields, in vectors; the factor of the cotangent, a float. */
export const TERM_WORDS = 3;

/** What the text of the shader depends on: terms of the same shape share it. */
export function shapeOf(terms: readonly LossTerm[]): string {
  return JSON.stringify(
    terms.map((term) => (term.kind === "overflow" ? "overflow" : [term.channels, term.cells !== undefined])),
  );
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

/** Statements that add a term's value at a cell to `sums[index]`, and its cotangent to `g0`, `g1` and so on. */
function termText(term: LossTerm, index: number, C4: number): string {
  const at = `words + ${VISIT_WORDS + TERM_WORDS * index}u`;
  const factor = `bitcast<f32>(visits[${at} + 2u])`;
  if (term.kind === "overflow") {
    const each = range(C4).map(
      (c4) => `{
      let over = max(abs(s${c4}) - 1.0, vec4<f32>(0.0));
      sums[${index}] += over.x + over.y + over.z + over.w;
      g${c4} += select(vec4<f32>(0.0), sign(s${c4}) * factor, over > vec4<f32>(0.0));
    }`,
    );
    return `{
    let factor = ${factor};
    ${each.join("\n    ")}
  }`;
  }
  const each = term.channels.map((channel, k) => {
    const part = `${channel >> 2}.${"xyzw"[channel & 3]}`;
    return `{
      let d = s${part} - wanted.${"xyzw"[k]};
      sums[${index}] += weight * d * d;
      g${part} += weight * factor * d;
    }`;
  });
  return `{
    let factor = ${factor};
    let wanted = fields[visits[${at}] + cell];
    let weight = ${term.cells ? `fields[visits[${at} + 1u] + cell / 4u][cell & 3u]` : "1.0"};
    ${each.join("\n    ")}
  }`;
}

/**
 * A row of workgroups for each visit; each writes, of its cells, the sum of every term, how many have a number beyond the bound,
 * and how many are alive.
 */
export function lossesShader(plan: Plan, terms: readonly LossTerm[]): string {
  const { C4, rule } = plan;
  const vectors = range(C4);
  const numbers = terms.length + 2;
  const [beyond, living] = [terms.length, terms.length + 1];
  const alive = `s${rule.alive.channel >> 2}.${"xyzw"[rule.alive.channel & 3]} > grid.threshold`;
  return /* wgsl */ `${preamble(plan)}
@group(0) @binding(2) var<storage, read> tape: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> visits: array<u32>;
@group(0) @binding(4) var<storage, read> fields: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> given: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> results: array<f32>;
var<workgroup> parts: array<f32, ${GROUP}>;

/** Whether a number's magnitude, NaN's too, is beyond the bound: by its bits, for a device may assume that no number is NaN. */
fn beyond(value: vec4<f32>) -> bool {
  return any((bitcast<vec4<u32>>(value) & vec4<u32>(0x7fffffffu)) > vec4<u32>(step.b));
}

@compute @workgroup_size(${GROUP})
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lid: u32,
) {
  let words = group.y * ${VISIT_WORDS + TERM_WORDS * terms.length}u;
  let state = visits[words];
  let back = visits[words + 1u];
  var sums = array<f32, ${numbers}>();
  for (var cell = group.x * ${GROUP}u + lid; cell < grid.cells; cell += groups.x * ${GROUP}u) {
    ${vectors.map((c4) => `let s${c4} = tape[state + cell * ${C4}u + ${c4}u];`).join("\n    ")}
    ${vectors.map((c4) => `var g${c4} = vec4<f32>(0.0);`).join("\n    ")}
    ${terms.map((term, index) => termText(term, index, C4)).join("\n    ")}
    ${vectors.map((c4) => `given[back + cell * ${C4}u + ${c4}u] = g${c4};`).join("\n    ")}
    if (${vectors.map((c4) => `beyond(s${c4})`).join(" || ")}) { sums[${beyond}] += 1.0; }
    if (grid.masked == 0u || ${alive}) { sums[${living}] += 1.0; }
  }
  for (var i = 0u; i < ${numbers}u; i++) {
    parts[lid] = sums[i];
    for (var half = ${GROUP / 2}u; half > 0u; half = half / 2u) {
      workgroupBarrier();
      if (lid < half) { parts[lid] += parts[lid + half]; }
    }
    if (lid == 0u) { results[(group.y * groups.x + group.x) * ${numbers}u + i] = parts[0]; }
    workgroupBarrier();
  }
}`;
}
