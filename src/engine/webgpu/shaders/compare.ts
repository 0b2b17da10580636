/** Compares states with a picture where they lie: a number for each sample, see engine/README.md. */
import type { Comparison } from "../../../engine.ts";
import type { Plan } from "../layout.ts";
import { preamble } from "./common.ts";

const GROUP = 256;

/**
 * Eight bits of a number between 0 and 1, floor(255 v + 1/2), in whole numbers, so that nothing is rounded on the way. The
 * number is mantissa * 2^-shift; with t = 255 mantissa, floor(t / 2^shift + 1/2) = floor((floor(t / 2^(shift - 1)) + 1) / 2).
 */
const EIGHT_BITS = /* wgsl */ `
fn eightBits(number: u32) -> u32 {
  let magnitude = number & 0x7fffffffu;
  if (magnitude > 0x7f800000u) { return 256u; }
  if ((number >> 31u) != 0u) { return 0u; }
  let exponent = magnitude >> 23u;
  if (exponent >= 127u) { return 255u; }
  let shift = 150u - exponent;
  if (shift > 32u) { return 0u; }
  let t = 255u * ((magnitude & 0x7fffffu) | 0x800000u);
  return ((t >> (shift - 1u)) + 1u) >> 1u;
}`;

export function compareShader(plan: Plan, { readout: { offset, channels }, measure }: Comparison): string {
  const { C } = plan;
  const squares = measure === "squared-error";
  const type = squares ? "f32" : "u32";
  const each = Array.from({ length: channels }, (_, k) => {
    const value = `state[begins + ${offset + k}u]`;
    const wanted = `picture[n * 4u + ${k}u]`;
    return squares
      ? `{ let d = bitcast<f32>(${value}) - bitcast<f32>(${wanted}); sum += d * d; }`
      : `{ let a = eightBits(${value}); let b = eightBits(${wanted}); wrong = wrong || a != b || a == 256u; }`;
  });
  return /* wgsl */ `${preamble(plan)}
@group(0) @binding(2) var<storage, read> state: array<u32>;
@group(0) @binding(3) var<storage, read> picture: array<u32>;
@group(0) @binding(4) var<storage, read_write> measured: array<${type}>;
${EIGHT_BITS}
var<workgroup> parts: array<${type}, ${GROUP}>;

@compute @workgroup_size(${GROUP})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
  let sample = group.y;
  var sum = ${type}(0);
  for (var n = lid; n < grid.cells; n += ${GROUP}u) {
    let begins = (step.before + sample * grid.cells * ${plan.C4}u) * 4u + n * ${C}u;
    ${squares ? "" : "var wrong = false;"}
    ${each.join("\n    ")}
    ${squares ? "" : "if (wrong) { sum += 1u; }"}
  }
  parts[lid] = sum;
  for (var half = ${GROUP / 2}u; half > 0u; half = half / 2u) {
    workgroupBarrier();
    if (lid < half) { parts[lid] += parts[lid + half]; }
  }
  if (lid == 0u) { measured[step.a + sample] = parts[0]; }
}`;
}
