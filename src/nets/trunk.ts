/**
 * The strided convolutions that a network begins with, and the dense layer that may follow, for any number of pictures: they
 * come in chunks of one size, so that one shape is compiled and memory stays small. jax-js does the matrix products; windows
 * are moved in plain loops, and gradients are products that are written out, as those that jax-js derives take several
 * times as long (of a weight of 1,568 x 1,568, 16 ms instead of 5).
 */
import { jit, nn, numpy as np } from "@jax-js/jax";
import type { ParameterEntry } from "../rule/parameters.ts";
import type { Plane } from "../rule/grid.ts";
import { concatenated, dense, read, startArrays, type Tensor, tensorsOf } from "./layers.ts";
import { stridedGrids } from "./shapes.ts";
import { gatherWindows, scatterWindows, type Windows, windowsOf } from "./windows.ts";

/** Pictures in a chunk: about as fast as 32, and little is wasted on the empty end of the last. */
export const CHUNK = 8;

export type TrunkOptions = Readonly<{
  /** Null: vectors come, and pass as they are. */
  grid: Plane | null;
  /** Numbers a cell holds, or a vector. */
  channels: number;
  /** Output features of each convolution. */
  features: readonly number[];
  /** Whether a dense layer of all that is left of a picture, rectified, is part of it. */
  isDense: boolean;
  /** Of the whole network, these layers first. */
  table: readonly ParameterEntry[];
  /** What comes, for errors: "an observation". */
  what: string;
}>;

/** A chunk that the trunk has seen. */
export type Chunk = Readonly<{
  /** The pictures in it, from `start` to before `end`; the rest of it is zeros. */
  start: number;
  end: number;
  /** A new array of what was put in, shape (CHUNK, H, W, K) or (CHUNK, K). */
  pictures: () => Tensor;
  /** A new array of what the trunk made of it, rectified: (CHUNK, cells, features), or (CHUNK, hidden) where it is dense. */
  seen: () => Tensor;
  /** The tensors of the `layers` layers after the trunk, or of all, to be freed by who asks. */
  head: (layers?: number) => Tensor[];
  /** Takes the cotangent of what was seen back to each picture. */
  inPictures: (cotangent: Tensor) => Promise<Float32Array[]>;
  /**
   * Writes to `gradient`, flat by the table, in the first chunk, and adds to it in others: the head's, and what the cotangent
   * of what was seen gives for the others.
   */
  sumGradients: (cotangent: Tensor, head: readonly Tensor[], gradient: Float32Array) => Promise<void>;
}>;

/** What was seen, until it is freed. */
export type Seen = Readonly<{ chunks: readonly Chunk[]; free: () => void }>;

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
  /** All chunks at once, to be freed by who asks. @throws as `each`. */
  see(parameters: Float32Array, pictures: readonly Float32Array[]): Promise<Seen>;
  dispose(): void;
}

/** A layer as a product: of the rows that it sees, all in one matrix, and its weight. */
type Stage = Readonly<{
  columns: number;
  outputs: number;
  /** How numbers come into the matrix; of a dense layer, they lie as in it. */
  windows: Windows | undefined;
  /** Filled and read at one go, as calls may overlap. */
  matrix: Float32Array<ArrayBuffer> | undefined;
}>;

/** Compiles a trunk for the CPU. Every array made for a chunk is freed when it has been visited. */
export async function createTrunk(options: TrunkOptions): Promise<Trunk> {
  const { grid, channels, features, table, what, isDense } = options;
  await startArrays();
  const shape = [...(grid ?? []), channels];
  const size = shape.reduce((a, b) => a * b);
  const stages: Stage[] =
    grid === null
      ? []
      : features.map((outputs, i) => {
          const windows = windowsOf(stridedGrids(grid, i)[i], i === 0 ? channels : features[i - 1], CHUNK);
          const { rows, columns } = windows;
          return { columns, outputs, windows, matrix: new Float32Array(rows * columns) };
        });
  const cells = (stages.at(-1)?.windows?.rows ?? CHUNK) / CHUNK;
  const left = [CHUNK, cells, stages.at(-1)?.outputs ?? channels];
  if (isDense) {
    const [columns, outputs] = table[2 * stages.length].shape;
    stages.push({ columns, outputs, windows: undefined, matrix: undefined });
  }
  const split = 2 * stages.length;

  const multiply = jit((rows: Tensor, weight: Tensor, bias: Tensor) =>
    nn.relu(dense(rows, flattened(weight), bias)),
  );
  const inWeights = jit((rows: Tensor, cotangent: Tensor) => [
    np.matmul(rows.transpose(), cotangent.ref),
    cotangent.sum(0),
  ]);
  const inRows = jit((cotangent: Tensor, weight: Tensor) =>
    np.matmul(cotangent, flattened(weight).transpose()),
  );

  const seeChunk = async (tensors: readonly Tensor[], pictures: Float32Array<ArrayBuffer>) => {
    const rows: Tensor[] = [];
    const outputs = [pictures];
    for (const [i, { windows, matrix, columns }] of stages.entries()) {
      if (windows) gatherWindows(windows, outputs[i], matrix!);
      rows.push(rowsOf(matrix ?? outputs[i], columns));
      outputs.push(await read(multiply(rows[i].ref, tensors[2 * i].ref, tensors[2 * i + 1].ref)));
    }
    return { rows, outputs };
  };
  /** Back through a layer: from what it gave to what it got. */
  const back = async (i: number, weight: Tensor, cotangent: Float32Array<ArrayBuffer>) => {
    const { windows, outputs } = stages[i];
    const inMatrix = await read(inRows(rowsOf(cotangent, outputs), weight.ref));
    return windows ? scatterWindows(windows, inMatrix) : inMatrix;
  };

  const chunkOf = async (
    tensors: readonly Tensor[],
    start: number,
    end: number,
    given: Float32Array<ArrayBuffer>,
  ): Promise<Chunk & { free: () => void }> => {
    const { rows, outputs } = await seeChunk(tensors, given);
    return {
      start,
      end,
      pictures: () => np.array(given, { shape: [CHUNK, ...shape] }),
      seen: () =>
        np.array(outputs[stages.length], { shape: isDense ? [CHUNK, stages.at(-1)!.outputs] : left }),
      head: (layers = tensors.length) => tensors.slice(split, split + 2 * layers).map((tensor) => tensor.ref),
      async inPictures(cotangent) {
        let x = await read(cotangent);
        for (let i = stages.length - 1; i >= 0; i--) {
          rectify(x, outputs[i + 1]);
          x = await back(i, tensors[2 * i], x);
        }
        return Array.from({ length: end - start }, (_, i) => x.slice(i * size, (i + 1) * size));
      },
      async sumGradients(cotangent, head, gradient) {
        const sum = async (entry: number, tensor: Tensor) => {
          const part = await read(tensor);
          if (start === 0) gradient.set(part, table[entry].offset);
          else add(gradient, table[entry].offset, part);
        };
        for (const [i, tensor] of head.entries()) await sum(split + i, tensor);
        let x = await read(cotangent);
        for (let i = stages.length - 1; i >= 0; i--) {
          rectify(x, outputs[i + 1]);
          const [inWeight, inBias] = inWeights(rows[i].ref, rowsOf(x, stages[i].outputs));
          await sum(2 * i, inWeight);
          await sum(2 * i + 1, inBias);
          if (i > 0) x = await back(i, tensors[2 * i], x);
        }
      },
      free: () => rows.forEach((tensor) => tensor.dispose()),
    };
  };

  const check = (pictures: readonly Float32Array[]) => {
    const wrong = pictures.find(({ length }) => length !== size);
    if (wrong) throw new RangeError(`${what} has ${wrong.length} numbers; ${shape.join(" x ")} are needed`);
  };
  const chunksOf = async function* (tensors: readonly Tensor[], pictures: readonly Float32Array[]) {
    for (let start = 0; start < pictures.length; start += CHUNK) {
      const end = Math.min(start + CHUNK, pictures.length);
      yield await chunkOf(tensors, start, end, concatenated(pictures.slice(start, end), CHUNK * size));
    }
  };

  return {
    async each(parameters, pictures, visit) {
      check(pictures);
      const tensors = tensorsOf(table, parameters);
      for await (const chunk of chunksOf(tensors, pictures)) {
        await visit(chunk);
        chunk.free();
      }
      for (const tensor of tensors) tensor.dispose();
    },
    async see(parameters, pictures) {
      check(pictures);
      const tensors = tensorsOf(table, parameters);
      const chunks: Awaited<ReturnType<typeof chunkOf>>[] = [];
      for await (const chunk of chunksOf(tensors, pictures)) chunks.push(chunk);
      const free = () => {
        for (const chunk of chunks) chunk.free();
        for (const tensor of tensors) tensor.dispose();
      };
      return { chunks, free };
    },
    dispose() {
      for (const compiled of [multiply, inWeights, inRows]) compiled.dispose();
    },
  };
}

/** Rows of a chunk (CHUNK, width), one for each of its pictures, and zeros. */
export function rowsOfChunk(rows: readonly Float32Array[], width: number): Tensor {
  return np.array(concatenated(rows, CHUNK * width), { shape: [CHUNK, width] });
}

/** What each picture of a chunk counts in the mean of `count`, and zeros: (CHUNK). */
export function weightsOfChunk({ start, end }: Pick<Chunk, "start" | "end">, count: number): Tensor {
  return np.array(new Float32Array(CHUNK).fill(1 / count, 0, end - start));
}

/** A weight (3, 3, in, out) as a matrix (3 * 3 * in, out); one (in, out) as it is. */
function flattened(weight: Tensor): Tensor {
  return weight.reshape([-1, weight.shape.at(-1)!]);
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
