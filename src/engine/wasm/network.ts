import { networkTable, parameterCount } from "../../rule/parameters.ts";
import type { Rule } from "../../rule/rule.ts";
import type { Heap } from "./heap.ts";
import type { Kernels } from "./kernels.ts";
import type { LayerLayout, Layout } from "./layout.ts";
import { type Perception, perceptionOf } from "./perception.ts";

type Slices = Readonly<{ weight: number; bias: number | null }>;

/** Offsets of each layer's weight and bias in the flat parameters. */
function slicesOf(rule: Rule): Slices[] {
  const slices: { weight: number; bias: number | null }[] = [];
  for (const { shape, offset } of networkTable(rule)) {
    if (shape.length === 2) slices.push({ weight: offset, bias: null });
    else slices[slices.length - 1].bias = offset;
  }
  return slices;
}

/**
 * The per-cell network on chunks of cells, forward and backward. The conditioning vector z is the same in every cell
 * of a sample, so W^T [p, z] + b = W_p^T p + (b + W_z^T z): it costs one sum per rollout, and its gradients follow
 * from that of the bias: dW_z = z db^T, dz = W_z db.
 */
export class Network {
  readonly perception: Perception;
  readonly #kernels: Kernels;
  readonly #heap: Heap;
  readonly #layers: readonly LayerLayout[];
  readonly #layout: Layout;
  #rule: Rule | undefined;
  #parameters: Float32Array = new Float32Array(0);
  #input: Float32Array | undefined;

  /** @param set number of its parameter set: 0 for the sample's own; only that has a backward pass. */
  constructor(kernels: Kernels, heap: Heap, layout: Layout, set = 0) {
    this.perception = perceptionOf(kernels, heap, layout, set);
    this.#kernels = kernels;
    this.#heap = heap;
    this.#layout = layout;
    this.#layers = set === 0 ? layout.layers : layout.grafts[set - 1];
  }

  /** Sets weights, packed for both directions, and the conditioning vector. Cheap where nothing has changed. */
  configure(rule: Rule, parameters: Float32Array, input: Float32Array | undefined): void {
    if (rule === this.#rule && parameters === this.#parameters && input === this.#input) return;
    this.perception.configure(rule, parameters);
    const { floats } = this.#heap;
    const slices = slicesOf(rule);
    this.#layers.forEach((layer, index) => {
      const { inputs, outputs, outputRows } = layer;
      const from = slices[index].weight;
      const packed = layer.weight >> 2;
      const transposed = layer.transposed >> 2;
      for (let k = 0; k < inputs; k++) {
        for (let j = 0; j < outputs; j++) {
          const value = parameters[from + k * outputs + j];
          floats[packed + ((j >> 2) * inputs + k) * 4 + (j & 3)] = value;
          floats[transposed + ((k >> 2) * outputs + j) * 4 + (k & 3)] = value;
        }
      }
      const bias = layer.bias >> 2;
      const biasFrom = slices[index].bias;
      floats.fill(0, bias, bias + outputRows);
      if (biasFrom !== null) floats.set(parameters.subarray(biasFrom, biasFrom + outputs), bias);
      if (index === 0 && input) {
        for (let i = 0; i < input.length; i++) {
          const row = from + (inputs + i) * outputs;
          for (let j = 0; j < outputs; j++) floats[bias + j] += input[i] * parameters[row + j];
        }
      }
    });
    this.#rule = rule;
    this.#parameters = parameters;
    this.#input = input;
  }

  /** Fills the hidden layers of a block from its perception, and writes the deltas to `to`. */
  forward(block: number, cells: number, to: number): void {
    const layers = this.#layers;
    for (let index = 0; index < layers.length; index++) {
      const { inputs, outputRows, weight, bias, input } = layers[index];
      const last = index === layers.length - 1;
      const out = last ? to : block + layers[index + 1].input;
      this.#kernels.layer({
        input: block + input,
        inputs,
        cells,
        weight,
        bias,
        out,
        outputs: outputRows,
        rectify: !last,
        gate: 0,
      });
    }
  }

  zeroGradients(): void {
    this.perception.zeroGradients();
    for (const { weightSums, biasSums, inputRows, outputRows } of this.#layers) {
      this.#heap.floats.fill(0, weightSums >> 2, (weightSums >> 2) + inputRows * outputRows * 4);
      this.#heap.floats.fill(0, biasSums >> 2, (biasSums >> 2) + outputRows * 4);
    }
  }

  /**
   * Pulls d loss / d delta of a chunk back through a block; adds to the gradients.
   *
   * @returns where d loss / d perception lies.
   */
  backward(block: number, cells: number, dDelta: number): number {
    const kernels = this.#kernels;
    let dOut = dDelta;
    let dIn = this.#layout.dInput;
    let spare = this.#layout.dOutput;
    for (let index = this.#layers.length - 1; index >= 0; index--) {
      const layer = this.#layers[index];
      const input = block + layer.input;
      const { inputRows, outputRows } = layer;
      const sums = layer.weightSums;
      kernels.weightGradient({ input, inputs: inputRows, cells, dOut, outputs: outputRows, sums });
      kernels.biasGradient({ dOut, outputs: outputRows, cells, sums: layer.biasSums });
      kernels.layer({
        input: dOut,
        inputs: layer.outputs,
        cells,
        weight: layer.transposed,
        bias: 0,
        out: dIn,
        outputs: inputRows,
        rectify: false,
        gate: index > 0 ? input : 0,
      });
      [dOut, dIn, spare] = [dIn, spare, dIn];
    }
    return dOut;
  }

  /** The gradients added up since {@link zeroGradients}: flat, and for the conditioning vector. */
  readGradients(): { parameters: Float32Array; input: Float32Array | undefined } {
    const rule = this.#rule!;
    const input = this.#input;
    const gradient = new Float32Array(parameterCount(rule));
    this.perception.readGradients(gradient);
    const slices = slicesOf(rule);
    const { readout } = this.#layout;
    let dInput: Float32Array | undefined;
    this.#layers.forEach((layer, index) => {
      const { inputs, inputRows, outputs } = layer;
      const { weight, bias } = slices[index];
      const read = (size: number) => this.#heap.floats.subarray(readout >> 2, (readout >> 2) + size);
      const sums = layer.weightSums;
      this.#kernels.readWeightGradient({
        sums,
        inputs: inputRows,
        rows: inputs,
        columns: outputs,
        to: readout,
      });
      gradient.set(read(inputs * outputs), weight);
      this.#kernels.readBiasGradient({ sums: layer.biasSums, columns: outputs, to: readout });
      const dBias = read(outputs);
      if (bias !== null) gradient.set(dBias, bias);
      if (index > 0 || !input) return;
      dInput = new Float32Array(input.length);
      for (let i = 0; i < input.length; i++) {
        const row = weight + (inputs + i) * outputs;
        let sum = 0;
        for (let j = 0; j < outputs; j++) {
          gradient[row + j] = input[i] * dBias[j];
          sum += this.#parameters[row + j] * dBias[j];
        }
        dInput[i] = sum;
      }
    });
    return { parameters: gradient, input: dInput };
  }
}
