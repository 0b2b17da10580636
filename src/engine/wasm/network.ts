import { networkTable, parameterCount } from "../../rule/parameters.ts";
import type { Rule } from "../../rule/rule.ts";
import type { Heap } from "./heap.ts";
import type { Kernels } from "./kernels.ts";
import { STRIDE } from "./chunk.ts";
import type { LayerLayout, Layout } from "./layout.ts";
import { packPanels, transpose } from "./panels.ts";
import type { Perception, Pulled } from "./perceive/perception.ts";

/** Outputs [first, first + outputs) of a layer. */
type Slice = Readonly<{ first: number; outputs: number }>;

/** Bytes of a slice's sums, which stay in the cache while several chunks are added. */
const SLICE_BYTES = 48 * 1024;

/** The outputs of a layer, in parts of like size where threads share them. */
function slicesOf({ inputRows, outputRows }: LayerLayout, shared: boolean): Slice[] {
  const parts = shared ? Math.ceil((inputRows * outputRows * 16) / SLICE_BYTES) : 1;
  const each = Math.ceil(outputRows / parts / 4) * 4;
  return Array.from({ length: Math.ceil(outputRows / each) }, (_, part) => ({
    first: part * each,
    outputs: Math.min(each, outputRows - part * each),
  }));
}

type Places = Readonly<{ weight: number; bias: number | null }>;

/** Offsets of each layer's weight and bias in the flat parameters. */
function placesOf(rule: Rule): Places[] {
  const places: { weight: number; bias: number | null }[] = [];
  for (const { shape, offset } of networkTable(rule)) {
    if (shape.length === 2) places.push({ weight: offset, bias: null });
    else places[places.length - 1].bias = offset;
  }
  return places;
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
  readonly #slices: readonly (readonly Slice[])[];
  /** Of the thread that computes it. */
  readonly #scratch: number;
  #rule: Rule | undefined;
  #parameters: Float32Array = new Float32Array(0);
  #input: Float32Array | undefined;

  /**
   * @param set number of its parameter set: 0 for the sample's own; only that has a backward pass. @param thread of those that
   *   work on it together, 0 for the leader.
   */
  constructor(kernels: Kernels, heap: Heap, layout: Layout, set = 0, thread = 0) {
    this.perception = layout.makePerception({ kernels, heap, set, thread });
    this.#kernels = kernels;
    this.#heap = heap;
    this.#layout = layout;
    this.#layers = set === 0 ? layout.layers : layout.grafts[set - 1];
    this.#slices = this.#layers.map((layer) => slicesOf(layer, layout.group > 1));
    this.#scratch = layout.scratchRows[thread];
  }

  /** Sets weights, packed for both directions, and the conditioning vector. Cheap where nothing has changed. */
  configure(rule: Rule, parameters: Float32Array, input: Float32Array | undefined): void {
    if (rule === this.#rule && parameters === this.#parameters && input === this.#input) return;
    this.perception.configure(rule, parameters);
    const { floats } = this.#heap;
    const places = placesOf(rule);
    this.#layers.forEach((layer, index) => {
      const { inputs, outputs, outputRows } = layer;
      const from = places[index].weight;
      const weight = {
        numbers: parameters,
        first: from,
        inputs,
        outputs,
        inputStep: outputs,
        outputStep: 1,
      };
      packPanels(floats, layer.weight, weight);
      packPanels(floats, layer.transposed, transpose(weight));
      const bias = layer.bias >> 2;
      const biasFrom = places[index].bias;
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
      const above = layers[index + 1];
      this.#kernels.layer({
        input: block + input,
        inputs,
        cells,
        weight,
        bias,
        out: above ? block + above.input : to,
        outputs: outputRows,
        rectify: above !== undefined,
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

  /** Number of layers. */
  get depth(): number {
    return this.#layers.length;
  }

  /** How many parts the gradients of a layer have, which can be added to apart from one another. */
  slicesOf(layer: number): number {
    return this.#slices[layer].length;
  }

  /**
   * Pulls the cotangent of a layer's output, of one chunk, back to that of its input, which is written to its place among the
   * chunk's cotangents. Layers are pulled back from the last to the first, and with that, as far as a chunk alone can be, what its
   * cells saw.
   */
  pull(layer: number, chunk: Pulled): void {
    const { transposed, outputs, inputRows, input, dInput, activity } = this.#layers[layer];
    this.#kernels.layerBackward({
      dOut: this.#dOutput(layer, chunk),
      outputs,
      outActivity: this.#outputActivity(layer, chunk),
      cells: chunk.cells,
      weight: transposed,
      dInput: chunk.cotangents + dInput,
      inputs: inputRows,
      gate: layer > 0 ? chunk.block + input : 0,
      activity: chunk.cotangents + activity,
      scratch: this.#scratch,
    });
    if (layer === 0) this.perception.pull?.(chunk);
  }

  /** Adds chunks, in order, to a part of a layer's gradients: as soon as the cotangents of its output are known. */
  addGradients(layer: number, slice: number, chunks: readonly Pulled[]): void {
    const kernels = this.#kernels;
    const { first, outputs } = this.#slices[layer][slice];
    const { input, inputRows, weightSums, biasSums } = this.#layers[layer];
    const sums = weightSums + first * inputRows * 16;
    for (const chunk of chunks) {
      const { block, cells } = chunk;
      const dOut = this.#dOutput(layer, chunk) + first * STRIDE;
      const known = this.#outputActivity(layer, chunk);
      kernels.weightGradient({
        input: block + input,
        inputs: inputRows,
        cells,
        dOut,
        outputs,
        activity: known && known + first * 4,
        sums,
        scratch: this.#scratch,
      });
      kernels.biasGradient({ dOut, outputs, cells, sums: biasSums + first * 16 });
    }
  }

  /** Where the cotangent of a layer's output lies: that of the next one's input, or of the deltas. */
  #dOutput(layer: number, { dDelta, cotangents }: Pulled): number {
    return layer + 1 < this.#layers.length ? cotangents + this.#layers[layer + 1].dInput : dDelta;
  }

  /** Where it stands in which cells the cotangents of a layer's outputs are active; 0 for the last layer, of which nothing is known. */
  #outputActivity(layer: number, { cotangents }: Pulled): number {
    const above = this.#layers[layer + 1];
    return above ? cotangents + above.activity : 0;
  }

  /** The gradients added up since {@link zeroGradients}: flat, and for the conditioning vector. */
  readGradients(): { parameters: Float32Array; input: Float32Array | undefined } {
    const rule = this.#rule!;
    const input = this.#input;
    const gradient = new Float32Array(parameterCount(rule));
    this.perception.readGradients(gradient);
    const places = placesOf(rule);
    const { readout } = this.#layout;
    let dInput: Float32Array | undefined;
    this.#layers.forEach((layer, index) => {
      const { inputs, inputRows, outputs } = layer;
      const { weight, bias } = places[index];
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
