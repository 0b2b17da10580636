/**
 * What comparing patches takes most of its time for, in WebAssembly: projections on directions, their adjoint and their order, with
 * the bits of plain loops.
 */
import { growTo, linkModule, MOST_BYTES } from "../wasmModule.ts";
import { lossModule } from "./generated/kernels.ts";

/** Directions, and numbers of a patch, come in multiples of this; what is missing is 0. */
export const PADDING = 8;

export const padded = (count: number): number => Math.ceil(count / PADDING) * PADDING;

/** Bytes that sorting needs beside what is sorted, and for each number. */
const SORTING = { all: 24_576, each: 16 };

/** Where everything lies that so many patches need, and where it ends. */
function layOut(count: number, numbers: number, directionCount: number) {
  let end = 0;
  const place = (bytes: number) => {
    const at = end;
    end += Math.ceil(bytes / 16) * 16;
    return at;
  };
  const directionBytes = 8 * directionCount * numbers;
  const at = {
    patches: place(8 * count * numbers),
    dPatches: place(8 * count * numbers),
    directions: place(directionBytes),
    projected: place(8 * directionCount * count),
    slopes: place(8 * directionCount * count),
    order: place(4 * count),
    scratch: place(Math.max(directionBytes, SORTING.all + SORTING.each * count)),
  };
  return { ...at, end };
}

/** Whether memory holds so many patches, of so many numbers each, and their products with so many directions. */
export function fitsMemory(count: number, numbers: number, directionCount: number): boolean {
  return layOut(count, padded(numbers), padded(directionCount)).end <= MOST_BYTES;
}

type Kernels = Readonly<{
  memory: WebAssembly.Memory;
  project: (...numbers: number[]) => void;
  projectBackward: (...numbers: number[]) => void;
  ascending: (...numbers: number[]) => void;
}>;

let linked: Kernels | undefined;

function link(): Kernels {
  const { memory, call } = linkModule(lossModule);
  return {
    memory,
    project: call("project"),
    projectBackward: call("projectBackward"),
    ascending: call("ascending"),
  };
}

/** Patches of one picture, and directions; all of this module share one memory, so it is good until the next is made. */
export type Patches = Readonly<{
  /** The numbers of all patches, (count, numbers). */
  patches: Float64Array;
  /** d loss / d projected: 0 at first. */
  slopes: Float64Array;
  /** Products of all patches with all directions: (directions, count); good until the next call. */
  project(): Float64Array;
  /**
   * Places of the patches along a direction, from the smallest product on, as single precision has them; equals keep their order.
   * Good until the next call.
   */
  order(direction: number): Uint32Array;
  /** The adjoint of `project`: of the slopes, (count, numbers). */
  projectBackward(): Float64Array;
}>;

/**
 * Room for so many patches, which {@link fitsMemory}.
 *
 * @param numbers of a patch, a multiple of {@link PADDING}. @param directions shape (directions, numbers), their number a multiple of
 *   it, too.
 */
export function patchesFor(count: number, numbers: number, directions: Float64Array): Patches {
  linked ??= link();
  const { memory, project, projectBackward, ascending } = linked;
  const directionCount = directions.length / numbers;
  const at = layOut(count, numbers, directionCount);
  growTo(memory, at.end);
  const view = (from: number, length: number) => new Float64Array(memory.buffer, from, length);
  view(at.directions, directions.length).set(directions);
  return {
    patches: view(at.patches, count * numbers),
    slopes: view(at.slopes, directionCount * count).fill(0),
    project() {
      project(at.patches, count, numbers, at.directions, directionCount, at.projected, at.scratch);
      return view(at.projected, directionCount * count);
    },
    order(direction) {
      ascending(at.projected + 8 * direction * count, count, at.order, at.scratch);
      return new Uint32Array(memory.buffer, at.order, count);
    },
    projectBackward() {
      projectBackward(at.slopes, count, numbers, at.directions, directionCount, at.dPatches);
      return view(at.dPatches, count * numbers);
    },
  };
}
