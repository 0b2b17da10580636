import { setFlagsFromString } from "node:v8";
import { beforeAll, describe, expect, it } from "vitest";
import { drawing } from "../../conformance/scenario.ts";
import { CHUNK, scratchBytes, STRIDE } from "./chunk.ts";
import { compileKernels, supportsRelaxedSimd } from "./compile.ts";
import { wideKernels } from "./generated/wideKernels.ts";
import { Heap } from "./heap.ts";
import { instantiateKernels } from "./kernels.ts";

if (!supportsRelaxedSimd()) setFlagsFromString("--experimental-wasm-relaxed-simd");
// What V8 joins has to be right, too, where it can.
if (Number.parseInt(process.versions.v8) >= 13) setFlagsFromString("--experimental-wasm-revectorize");

type Sizes = Readonly<{ inputs: number; outputs: number; cells: number; silent: number }>;

/**
 * A layer forward and back by one kind of kernels, as a network does it: all numbers that come out, the first time and once more.
 *
 * @param sizes.silent share of the outputs' groups of four cells that are 0.
 */
function outcome(module: WebAssembly.Module, { inputs, outputs, cells, silent }: Sizes): Int32Array[] {
  let end = 1024;
  const place = (bytes: number) => {
    const at = end;
    end += Math.ceil(bytes / 64) * 64;
    return at;
  };
  const [input, out, dOut, dInput] = [inputs, outputs, outputs, inputs].map((rows) => place(rows * STRIDE));
  const [weight, transposed, bias] = [inputs * outputs, inputs * outputs, outputs].map((n) => place(4 * n));
  const given = end;
  const activities = [outputs, inputs].map((features) => place(4 * features));
  const sums = place(16 * inputs * outputs);
  const scratch = place(scratchBytes(Math.max(inputs, outputs)));
  const heap = Heap.create(end, false);
  const kernels = instantiateKernels(module, heap.memory);
  const draw = drawing(7);
  for (let i = input / 4; i < given / 4; i++) heap.floats[i] = draw() - 0.5;
  for (let group = 0; group < (outputs * CHUNK) / 4; group++) {
    if (draw() < silent) heap.floats.fill(0, out / 4 + 4 * group, out / 4 + 4 * group + 4);
  }
  const gate = out;
  const [known, activity] = activities;
  const backward = { cells, scratch };
  return [0, 1].flatMap(() => {
    // The layer above: its cotangents are those of this one's outputs, where the gate is open.
    kernels.layerBackward({
      ...backward,
      dOut: input,
      outputs: inputs,
      outActivity: 0,
      weight: transposed,
      dInput: dOut,
      inputs: outputs,
      gate,
      activity: known,
    });
    const layer = { ...backward, dOut, outputs, inputs };
    kernels.weightGradient({ ...layer, input, activity: known, sums });
    kernels.layerBackward({ ...layer, outActivity: known, weight, dInput, gate: 0, activity });
    kernels.layer({ input, inputs, cells, weight, bias, out, outputs, rectify: true });
    const found = [
      [input, inputs * STRIDE],
      [out, outputs * STRIDE],
      [dOut, outputs * STRIDE],
      [dInput, inputs * STRIDE],
      [known, 4 * outputs],
      [sums, 16 * inputs * outputs],
    ];
    return found.map(([at, bytes]) => heap.integers.slice(at / 4, (at + bytes) / 4));
  });
}

describe("kernels in wide tiles", () => {
  let usual: WebAssembly.Module;
  let wide: WebAssembly.Module;
  beforeAll(async () => {
    usual = await compileKernels("relaxed", false);
    wide = await compileKernels("relaxed", false, wideKernels);
  });

  it.each([
    { inputs: 48, outputs: 128, cells: 120, silent: 0 },
    { inputs: 48, outputs: 128, cells: 104, silent: 0.6 },
    { inputs: 52, outputs: 20, cells: 88, silent: 0.9 },
    { inputs: 100, outputs: 96, cells: 24, silent: 0.3 },
    { inputs: 4, outputs: 4, cells: 16, silent: 0.5 },
    { inputs: 16, outputs: 8, cells: 8, silent: 1 },
  ])(
    "give the bits of the usual ones: $inputs to $outputs, $cells cells, $silent of them silent",
    (sizes) => {
      expect(outcome(wide, sizes)).toEqual(outcome(usual, sizes));
    },
  );
});
