/** Limits of what the page reads from outside. */
import { FormatError } from "../../src/errors.ts";
import { type Model, modelPlane } from "../../src/model/model.ts";
import { asPlane } from "../../src/model/rows.ts";

/** Cells of a grid: those of the largest that can be trained. */
export const MAX_CELLS = 1 << 20;
/** Cells of a grid that is larger than a model was trained on. */
export const MAX_PLAYED_CELLS = 1 << 18;
/** Bytes of any file. */
export const MAX_FILE_BYTES = 1 << 28;
/** Pixels of a picture. */
export const MAX_PIXELS = 40_000_000;

/** The model as a page plays it, where it can. A file may claim any grid. @throws FormatError where it claims too large a one. */
export function checkGrid(given: Model): Model {
  const model = asPlane(given);
  const [height, width] = modelPlane(model, "the model");
  if (height * width <= MAX_CELLS) return model;
  throw new FormatError(
    `the model was trained on a grid of ${height} x ${width} cells; this page plays up to ${MAX_CELLS}`,
  );
}
