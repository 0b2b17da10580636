/** From bytes to canvases, and from those to files. */
import type { Raster } from "../../src/data/image.ts";
import { UserError } from "../../src/errors.ts";

/** A canvas that shows a picture, a pixel each. */
export function canvasOf({ width, height, data }: Raster): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const pixels = new ImageData(width, height);
  pixels.data.set(data);
  contextOf(canvas).putImageData(pixels, 0, 0);
  return canvas;
}

/** @throws UserError where the browser has none, as for a canvas that is too large. */
export function contextOf(
  canvas: HTMLCanvasElement,
  options?: CanvasRenderingContext2DSettings,
): CanvasRenderingContext2D {
  const context = canvas.getContext("2d", options);
  if (!context) throw new UserError("this browser cannot draw pictures");
  return context;
}

/** A canvas as a file: in the type asked for, or PNG where the browser has no encoder for that. */
export function encoded(canvas: HTMLCanvasElement, type = "image/png", quality?: number): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new UserError("the picture is too large for this browser"))),
      type,
      quality,
    );
  });
}
