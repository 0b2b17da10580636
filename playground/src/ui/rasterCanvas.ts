import type { Raster } from "../../../src/data/image.ts";
import { contextOf } from "../canvas.ts";

/** Shows a raster, a pixel each. */
export class RasterCanvas extends HTMLElement {
  readonly #canvas = document.createElement("canvas");
  #raster: Raster | undefined;

  get raster(): Raster | undefined {
    return this.#raster;
  }

  set raster(raster: Raster | undefined) {
    if (raster === this.#raster) return;
    this.#raster = raster;
    if (!raster) return;
    const { width, height, data } = raster;
    const canvas = this.#canvas;
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    const image = new ImageData(width, height);
    image.data.set(data);
    contextOf(canvas).putImageData(image, 0, 0);
  }

  protected connectedCallback(): void {
    this.append(this.#canvas);
  }
}
