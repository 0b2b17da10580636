/**
 * What comparing patches takes most of its time for, in WebAssembly: projections on directions, their adjoint and their order, with
 * the bits of plain loops.
 */
import { growTo, linkModule } from "../wasmModule.ts";
import { lossModule } from "./generated/kernels.ts";

/** Directions, and numbers of a patch, come in multiples of this; what is missing is 0. */
export const PADDING = 8;

export const padded = (count: number): number => Math.ceil(count / PADDING) * PADDING;

/** Bytes that sorting needs beside what is sorted, and for each number. */
const SORTING = { all: 24_576, each: 16 };

type Kernels = Readonly<{
  memory: WebAssembly.Memory;
  project: (...numbers: number[]) => void;
  projectBackward: (...numbers: number[]) => void;
  ascending: (...numbers: number[]) => void;
}>;

let linked: Kernels | undefined;

function kernels(): Kernels {
  if (linked) return linked;
  const { memory, call } = linkModule(lossModule);
  linked = {
    memory,
    project: call("project"),
    projectBackward: call("projectBackward"),
    ascending: call("ascending"),
  };
  return linked;
}

/** Patches of one picture, and directions; all of this module share one memory, so it is good until the next is made. */
export type Patches = Readonly<{
  /** The numbers of all patches, (count, numbers). */
  patches: Float64Array;
  /** d loss / d projected: 0 at first. */
  slopes: Float64Array;
  /** Products of all patches with all directions: (directions, count). */
  project(): Float64Array;
  /** Places of the patches along a direction, from the smallest product on, as single precision has them; equals keep their order. */
  order(direction: number): Uint32Array;
  /** The adjoint of `project`: of the slopes, (count, numbers). */
  projectBackward(): Float64Array;
}>;

/**
 * Room for so many patches.
 *
 * @param numbers of a patch, a multiple of {@link PADDING}. @param directions shape (directions, numbers), as many as a multiple of that.
 */
export function patchesFor(count: number, numbers: number, directions: Float64Array): Patches {
  const { memory, project, projectBackward, ascending } = kernels();
  const directionCount = directions.length / numbers;
  let end = 0;
  const place = (bytes: number) => {
    const at = end;
    end += Math.ceil(bytes / 16) * 16;
    return at;
  };
  const at = {
    patches: place(8 * count * numbers),
    dPatches: place(8 * count * numbers),
    directions: place(8 * directions.length),
    projected: place(8 * directionCount * count),
    slopes: place(8 * directionCount * count),
    order: place(4 * count),
    scratch: place(Math.max(8 * directions.length, SORTING.all + SORTING.each * count)),
  };
  growTo(memory, end);
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
