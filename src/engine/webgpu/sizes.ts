/** Sizes that shaders are written for. */

/** Cells that a workgroup looks over for those to evaluate: a multiple of 32, for a bit each in words. */
export const TILE = 256;
/** Threads of a workgroup that runs the network. */
export const THREADS = 128;

/** Numbers of a row as vectors of four hold them. */
export function padded(count: number): number {
  return Math.ceil(count / 4) * 4;
}
