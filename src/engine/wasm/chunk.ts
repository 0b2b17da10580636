/** Cells of a chunk, and bytes from one of its features to the next; `assembly/layers.ts` has the same numbers. */
export const CHUNK = 120;
export const STRIDE = 480;
