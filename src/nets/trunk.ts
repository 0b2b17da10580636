/**
 * The strided convolutions that a network begins with, for any number of pictures: they come in chunks of one size, so
 * that one shape is compiled and memory stays small. jax-js does the matrix products; windows are moved in plain loops.
 */
import { jit, nn, numpy as np } from "@jax-js/jax";
import type { ParameterEntry } from "../rule/parameters.ts";
import type { Plane } from "../rule/grid.ts";
import { concatenated, dense, read, startArrays, type Tensor, tensorsOf } from "./layers.ts";
import { stridedGrids } from "./shapes.ts";
import { gatherWindows, scatterWindows, windowsOf } from "./windows.ts";

/** Pictures in a chunk: about as fast as 32, and little is wasted on the empty end of the last. */
export const CHUNK = 8;

export type TrunkOptions = Readonly<{
  /** Null: vectors come, and pass as they are. */
  grid: Plane | null;
  /** Numbers a cell holds, or a vector. */
  channels: number;
  /** Output features of each convolution. */
  features: readonly number[];
  /** Of the whole network, the convolutions first. */
  table: readonly ParameterEntry[];
  /** What comes, for errors: "an observation". */
  what: string;
}>;

/** A chunk that the convolutions have seen. */
export type Chunk = Readonly<{
  /** The pictures in it, from `start` to before `end`; the rest of it is zeros. */
  start: number;
  end: number;
  /** A new array of what was put in, shape (CHUNK, H, W, K) or (CHUNK, K). */
  pictures: () => Tensor;
  /** A new array of what the convolutions made of it, rectified: (CHUNK, cells, features). */
  seen: () => Tensor;
  /** The tensors of the `layers` layers after the convolutions, or of all, to be freed by who asks. */
  head: (layers?: number) => Tensor[];
  /** Takes the cotangent of what was seen back to each picture. */
  inPictures: (cotangent: Tensor) => Promise<Float32Array[]>;
  /** Adds to `gradient`, flat by the table: the head's, and what the cotangent of what was seen gives for the others. */
  addGradients: (cotangent: Tensor, head: readonly Tensor[], gradient: Float32Array) => Promise<void>;
}>;

export interface Trunk {
  /**
   * Calls `visit` with one chunk after the other.
   *
   * @throws RangeError for pictures of another size.
   */
  each(
    parameters: Float32Array,
    pictures: readonly Float32Array[],
    visit: (chunk: Chunk) => Promise<void>,
  ): Promise<void>;
  dispose(): void;
}

/** Compiles convolutions for the CPU. Every array made for a chunk is freed when it has been visited. */
export async function createTrunk({ grid, channels, features, table, what }: TrunkOptions): Promise<Trunk> {
  await startArrays();
  const shape = [...(grid ?? []), channels];
  const size = shape.reduce((a, b) => a * b);
  const convolutions =
    grid === null
      ? []
      : features.map((_, i) =>
          windowsOf(stridedGrids(grid, i)[i], i === 0 ? channels : features[i - 1], CHUNK),
        );
  const cells = (convolutions.at(-1)?.rows ?? CHUNK) / CHUNK;
  const split = 2 * convolutions.length;
  /** Filled and read at one go, as calls may overlap. */
  const matrices = convolutions.map(({ rows, columns }) => new Float32Array(rows * columns));

  const convolve = jit((windows: Tensor, weight: Tensor, bias: Tensor) =>
    nn.relu(dense(windows, flattened(weight), bias)),
  );
  const inWeights = jit((windows: Tensor, cotangent: Tensor) => [
    np.matmul(windows.transpose(), cotangent.ref),
    cotangent.sum(0),
  ]);
  const inWindows = jit((cotangent: Tensor, weight: Tensor) =>
    np.matmul(cotangent, flattened(weight).transpose()),
  );

  const see = async (tensors: readonly Tensor[], pictures: Float32Array<ArrayBuffer>) => {
    const windows: Tensor[] = [];
    const outputs = [pictures];
    for (const [i, convolution] of convolutions.entries()) {
      gatherWindows(convolution, outputs[i], matrices[i]);
      windows.push(rowsOf(matrices[i], convolution.columns));
      outputs.push(await read(convolve(windows[i].ref, tensors[2 * i].ref, tensors[2 * i + 1].ref)));
    }
    return { windows, outputs };
  };
  /** Back through convolution `i`: from what it gave to what it got. */
  const back = async (i: number, weight: Tensor, cotangent: Float32Array<ArrayBuffer>) =>
    scatterWindows(convolutions[i], await read(inWindows(rowsOf(cotangent, features[i]), weight.ref)));

  const chunkOf = async (
    tensors: readonly Tensor[],
    start: number,
    end: number,
    given: Float32Array<ArrayBuffer>,
  ): Promise<Chunk & { free: () => void }> => {
    const { windows, outputs } = await see(tensors, given);
    return {
      start,
      end,
      pictures: () => np.array(given, { shape: [CHUNK, ...shape] }),
      seen: () =>
        np.array(outputs[convolutions.length], { shape: [CHUNK, cells, features.at(-1) ?? channels] }),
      head: (layers = tensors.length) => tensors.slice(split, split + 2 * layers).map((tensor) => tensor.ref),
      async inPictures(cotangent) {
        let x = await read(cotangent);
        for (let i = convolutions.length - 1; i >= 0; i--) {
          rectify(x, outputs[i + 1]);
          x = await back(i, tensors[2 * i], x);
        }
        return Array.from({ length: end - start }, (_, i) => x.slice(i * size, (i + 1) * size));
      },
      async addGradients(cotangent, head, gradient) {
        for (const [i, tensor] of head.entries()) add(gradient, table[split + i].offset, await read(tensor));
        let x = await read(cotangent);
        for (let i = convolutions.length - 1; i >= 0; i--) {
          rectify(x, outputs[i + 1]);
          const [inWeight, inBias] = inWeights(windows[i].ref, rowsOf(x, features[i]));
          add(gradient, table[2 * i].offset, await read(inWeight));
          add(gradient, table[2 * i + 1].offset, await read(inBias));
          if (i > 0) x = await back(i, tensors[2 * i], x);
        }
      },
      free: () => windows.forEach((tensor) => tensor.dispose()),
    };
  };

  return {
    async each(parameters, pictures, visit) {
      const wrong = pictures.find(({ length }) => length !== size);
      if (wrong) throw new RangeError(`${what} has ${wrong.length} numbers; ${shape.join(" x ")} are needed`);
      const tensors = tensorsOf(table, parameters);
      for (let start = 0; start < pictures.length; start += CHUNK) {
        const end = Math.min(start + CHUNK, pictures.length);
        const given = concatenated(pictures.slice(start, end), CHUNK * size);
        const chunk = await chunkOf(tensors, start, end, given);
        await visit(chunk);
        chunk.free();
      }
      for (const tensor of tensors) tensor.dispose();
    },
    dispose() {
      for (const compiled of [convolve, inWeights, inWindows]) compiled.dispose();
    },
  };
}

/** A weight (3, 3, in, out) as a matrix (3 * 3 * in, out). */
function flattened(weight: Tensor): Tensor {
  return weight.reshape([-1, weight.shape[3]]);
}

function rowsOf(values: Float32Array<ArrayBuffer>, columns: number): Tensor {
  return np.array(values, { shape: [values.length / columns, columns] });
}

/** Stops cotangents where a rectifier let nothing through. */
function rectify(cotangents: Float32Array, outputs: Float32Array): void {
  for (let i = 0; i < outputs.length; i++) if (outputs[i] <= 0) cotangents[i] = 0;
}

function add(flat: Float32Array, offset: number, part: Float32Array): void {
  for (let i = 0; i < part.length; i++) flat[offset + i] += part[i];
}
