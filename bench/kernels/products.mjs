// The products of a training step by the engine's own kernels, and nothing else of it: what the kernels reach, in the cache and
// on a tape.
import { compileKernels } from "../../dist/engine/wasm/compile.js";
import { CHUNK } from "../../dist/engine/wasm/chunk.js";
import { Heap } from "../../dist/engine/wasm/heap.js";
import { instantiateKernels } from "../../dist/engine/wasm/kernels.js";
import { layOut } from "../../dist/engine/wasm/layout.js";
import { fasterKernels } from "../../dist/node/wideKernels.js";
import { STREAM, uniform } from "../../dist/random.js";

const SEED = 1;

/**
 * A function that runs the layers of a rule forward on so many chunks of cells, each with a block of the tape of its own, and
 * back from the last, and returns the GFLOP/s.
 *
 * @param build "relaxed" or "strict", as the engine's, of those kernels that it takes here.
 * @param blocks 1: all is in the cache when it is needed. As many as a sample's rollout fills: it is not.
 */
export async function productsRun(build, rule, blocks) {
  const layout = layOut(rule, [CHUNK, 1], 0);
  const { layers, delta, cotangents, scratchRows, blockBytes, end } = layout;
  const heap = Heap.create(end + blocks * blockBytes, false);
  const kernels = instantiateKernels(await compileKernels(build, false, await fasterKernels()), heap.memory);
  const places = Array.from({ length: blocks }, (_, i) => end + i * blockBytes);
  const [scratch] = scratchRows;
  const fill = (at, count, value) => {
    for (let i = 0; i < count; i++) heap.floats[(at >> 2) + i] = value(uniform(SEED, STREAM.data, at, i));
  };
  for (const { inputs, inputRows, outputs, outputRows, weight, transposed } of layers) {
    fill(weight, inputs * outputRows, (value) => (value - 0.5) / inputs);
    fill(transposed, outputs * inputRows, (value) => (value - 0.5) / inputs);
  }
  for (const at of places) fill(at + layers[0].input, layers[0].inputRows * CHUNK, (value) => value);

  const forward = (block) =>
    layers.forEach(({ input, inputs, weight, bias, outputRows }, index) => {
      const above = layers[index + 1];
      const out = above ? block + above.input : delta;
      kernels.layer({
        input: block + input,
        inputs,
        cells: CHUNK,
        weight,
        bias,
        out,
        outputs: outputRows,
        rectify: above !== undefined,
      });
    });
  const backward = (block) => {
    for (let index = layers.length - 1; index >= 0; index--) {
      const { transposed, outputs, inputRows, input, dInput, activity, weightSums } = layers[index];
      const above = layers[index + 1];
      const dOut = above ? cotangents + above.dInput : delta;
      const outActivity = above ? cotangents + above.activity : 0;
      const of = { cells: CHUNK, dOut, outputs, scratch };
      kernels.weightGradient({
        ...of,
        input: block + input,
        inputs: inputRows,
        activity: outActivity,
        sums: weightSums,
      });
      kernels.layerBackward({
        ...of,
        outActivity,
        weight: transposed,
        dInput: cotangents + dInput,
        inputs: inputRows,
        gate: index > 0 ? block + input : 0,
        activity: cotangents + activity,
      });
    }
  };
  const once = () => {
    for (const block of places) forward(block);
    for (const block of places.toReversed()) backward(block);
  };
  const products = layers.reduce((sum, { inputs, outputs }) => sum + 3 * 2 * inputs * outputs * CHUNK, 0);
  return (times) => {
    const began = performance.now();
    for (let i = 0; i < times; i++) once();
    const seconds = (performance.now() - began) / 1000;
    return (products * blocks * times) / seconds / 1e9;
  };
}
