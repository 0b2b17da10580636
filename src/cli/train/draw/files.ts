/** The pictures that a run folder shows of its model. */
import { existsSync } from "node:fs";
import type { Raster } from "../../../data/image.ts";
import { type PlayerOptions, playerHtml } from "../../../player/player.ts";
import { encodeGif, encodeSheet, encodeWebp } from "../../../node/encode.ts";
import { writeFileAtomic } from "../../../node/files.ts";
import type { RunFolder } from "../../../node/runFolder.ts";
import type { LossChart } from "../../../render/lossChart.ts";
import type { Sheet } from "../../../render/sheet.ts";
import type { PictureFiles, PictureRequest } from "./drawings.ts";
import { filmOf } from "../../pictureFiles.ts";
import { unlessAborted } from "../../terminal/interrupt.ts";

/** What every run shows, in the order in which it is written. */
export const PICTURES = ["sheet.png", "growth.webp", "growth.gif", "loss.svg", "player.html"] as const;

/** A sheet that shows a model at a glance, and a film of its growth. */
export type SheetAndFilm = Readonly<{
  sheet: Sheet;
  /** Frames of one size. */
  film: readonly Raster[];
  /** Of the page that plays it. */
  page?: Partial<PlayerOptions>;
}>;

/** The files of {@link PICTURES}. */
export function runPictures(
  { folder, model }: Pick<PictureRequest, "folder" | "model">,
  lossChart: LossChart,
  { sheet, film, page }: SheetAndFilm,
): PictureFiles {
  const animation = filmOf(film);
  const title = model.provenance.target ?? "An automaton";
  return {
    "sheet.png": () => encodeSheet(sheet),
    "growth.webp": () => encodeWebp(animation),
    "growth.gif": () => encodeGif(animation),
    "loss.svg": async () => {
      const { lossCurve } = await import("../../../render/plots.ts");
      return lossCurve(await folder.metrics.read(), lossChart);
    },
    "player.html": async () => playerHtml(model, { title, ...page }),
  } satisfies Record<(typeof PICTURES)[number], unknown>;
}

/** Whether a folder has all the pictures. */
export function hasPictures(folder: RunFolder, names: readonly string[]): boolean {
  return names.every((name) => existsSync(folder.file(name)));
}

/**
 * Writes the pictures in order, each whole or not at all.
 *
 * @throws UserError where a file cannot be written; AbortError or the signal's reason when aborted.
 */
export async function writePictures(
  folder: RunFolder,
  names: readonly string[],
  contents: PictureFiles,
  signal: AbortSignal,
): Promise<void> {
  for (const name of names) {
    signal.throwIfAborted();
    await writeFileAtomic(folder.file(name), await unlessAborted(signal, contents[name]()));
  }
}
