/** The pictures in the folder of a run, as files. */
import { existsSync } from "node:fs";
import type { Drawings, Drawn } from "../../experiments/drawings.ts";
import type { Model } from "../../model/model.ts";
import { encodeGif, encodeSheet, encodeWebp } from "../../node/encode.ts";
import { writeFileAtomic } from "../../node/files.ts";
import type { RunFolder } from "../../node/runFolder.ts";
import { playerHtml } from "../../player/player.ts";
import { filmOf } from "../../render/animation.ts";
import { unlessAborted } from "../terminal/interrupt.ts";

/** What a run of some kind shows. */
export type Shown = Pick<Drawings<unknown, unknown, unknown>, "sheets" | "film" | "chart">;

/** Names in the order in which they are written; the last one completes a run. */
export function pictureNames({ sheets, film }: Omit<Shown, "chart">): string[] {
  return [...sheets, ...(film ? ["growth.webp", "growth.gif"] : []), "loss.svg", "player.html"];
}

/** Whether a folder has all the pictures. */
export function hasPictures(folder: RunFolder, drawings: Shown): boolean {
  return pictureNames(drawings).every((name) => existsSync(folder.file(name)));
}

/**
 * Writes the pictures in order, each whole or not at all.
 *
 * @throws UserError where a file cannot be written; AbortError or the signal's reason when aborted.
 */
export async function writePictures(
  folder: RunFolder,
  drawings: Shown,
  drawn: Drawn,
  model: Model,
  signal: AbortSignal,
): Promise<void> {
  for (const name of pictureNames(drawings)) {
    signal.throwIfAborted();
    const content = contentOf(name, { folder, drawings, drawn, model });
    await writeFileAtomic(folder.file(name), await unlessAborted(signal, content));
  }
}

async function contentOf(
  name: string,
  {
    folder,
    drawings,
    drawn,
    model,
  }: Readonly<{ folder: RunFolder; drawings: Shown; drawn: Drawn; model: Model }>,
): Promise<Uint8Array | string> {
  switch (name) {
    case "growth.webp":
      return encodeWebp(filmOf(drawn.film!));
    case "growth.gif":
      return encodeGif(filmOf(drawn.film!));
    case "loss.svg": {
      const { lossCurve } = await import("../../render/plots.ts");
      return lossCurve(await folder.metrics.read(), drawings.chart);
    }
    case "player.html":
      return playerHtml(model, { title: model.provenance.target ?? "An automaton", ...drawn.page });
    default:
      return encodeSheet(drawn.sheets[name]);
  }
}
