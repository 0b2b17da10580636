/** A matrix among the numbers of an array: entry (k, j) lies at first + k * inputStep + j * outputStep. */
export type Matrix = Readonly<{
  numbers: Float32Array;
  first: number;
  inputs: number;
  outputs: number;
  inputStep: number;
  outputStep: number;
}>;

/**
 * Writes a matrix as kernels take it, in panels of four outputs: (outputs / 4, inputs, 4). What pads the last panel is left alone.
 *
 * @param at address of the first number. @param options.height inputs of a panel, where the matrix is part of a higher one; default
 *   `inputs`. @param options.scale factor; default 1.
 */
export function packPanels(
  floats: Float32Array,
  at: number,
  { numbers, first, inputs, outputs, inputStep, outputStep }: Matrix,
  { height = inputs, scale = 1 }: Readonly<{ height?: number; scale?: number }> = {},
): void {
  for (let j = 0; j < outputs; j++) {
    let to = (at >> 2) + (j >> 2) * height * 4 + (j & 3);
    let from = first + j * outputStep;
    for (let k = 0; k < inputs; k++) {
      floats[to] = scale * numbers[from];
      to += 4;
      from += inputStep;
    }
  }
}

/** The same numbers with inputs for outputs. */
export function transpose({ inputs, outputs, inputStep, outputStep, ...rest }: Matrix): Matrix {
  return { ...rest, inputs: outputs, outputs: inputs, inputStep: outputStep, outputStep: inputStep };
}
