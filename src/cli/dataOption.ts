/** The pictures that a command works on. */
import type { Option } from "commander";
import type { PictureSets } from "../data/pictureSet.ts";
import type { ProgressBar } from "./terminal/progressBar.ts";
import { filePath, option } from "./values.ts";

/** @param otherwise the pictures without this option. */
export function dataOption(otherwise: string): Option {
  return option(
    "--data <folder>",
    `a folder of pictures, or of MNIST's or EMNIST's IDX files; or handwriting: digits drawn by this program (default: ${otherwise})`,
    filePath,
  );
}

/** Loads them, and shows how far that is. */
export async function loadData(
  source: string,
  options: Readonly<{ size?: number | undefined; signal?: AbortSignal | undefined }> = {},
): Promise<PictureSets> {
  const [{ loadPictureSets }, { ProgressBar }] = await Promise.all([
    import("../node/pictureSets.ts"),
    import("./terminal/progressBar.ts"),
  ]);
  let bar: ProgressBar | undefined;
  try {
    return await loadPictureSets(source, {
      ...options,
      onProgress: (done, total) => (bar ??= new ProgressBar(total)).show(done),
    });
  } finally {
    bar?.clear();
  }
}
