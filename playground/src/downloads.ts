/** Files that visitors download. */
import type { Raster } from "../../src/data/image.ts";
import { encodeModel, type Model } from "../../src/model/model.ts";
import { layoutSheet, type SheetPanel } from "../../src/render/sheet.ts";
import { canvasOf, contextOf, encoded } from "./canvas.ts";
import type { Scene } from "./page/playing.ts";

/** `model.safetensors`. */
export function modelFile(model: Model): Blob {
  return new Blob([encodeModel(model)], { type: "application/octet-stream" });
}

/** `player.html`: the model at play as a page of its own. The player is loaded when first asked for. */
export async function playerFile(title: string, model: Model, { grid, ...scene }: Scene): Promise<Blob> {
  const { playerHtml } = await import("../../src/player/player.ts");
  const placed = { ...model, provenance: { ...model.provenance, grid } };
  return new Blob([playerHtml(placed, { title, ...scene })], { type: "text/html" });
}

/** A picture as PNG, every cell a square of `scale` pixels. */
export function pngFile(picture: Raster, scale = 8): Promise<Blob> {
  const canvas = document.createElement("canvas");
  canvas.width = picture.width * scale;
  canvas.height = picture.height * scale;
  const context = contextOf(canvas);
  context.imageSmoothingEnabled = false;
  context.drawImage(canvasOf(picture), 0, 0, canvas.width, canvas.height);
  return encoded(canvas);
}

/** A contact sheet as PNG, laid out as the command line's `sheet.png`. Pictures are drawn in their own size. */
export async function sheetFile(panels: readonly SheetPanel[]): Promise<Blob> {
  const { width, height, svg, pictures } = layoutSheet(panels);
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = contextOf(canvas);
  const url = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    const drawing = new Image();
    drawing.src = url;
    await drawing.decode();
    context.drawImage(drawing, 0, 0);
  } finally {
    URL.revokeObjectURL(url);
  }
  for (const { left, top, picture } of pictures) context.drawImage(canvasOf(picture), left, top);
  return encoded(canvas);
}

/** A file name: letters, digits and hyphens of a title, or `automaton` where it has none. */
export function fileName(title: string, ending: string): string {
  const stem = title
    .normalize("NFC")
    .replaceAll(/[^\p{L}\p{N}]+/gu, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, 60);
  return `${stem || "automaton"}${ending}`;
}

/** Hands a file to the visitor. */
export function download(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // By then the browser has begun to read it.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
