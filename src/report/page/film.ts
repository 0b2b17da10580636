import type { ReportData } from "../document.ts";

/** The pictures of a run on a canvas, with a marker at each cell that has a chart. */
export class Film {
  readonly #canvas: HTMLCanvasElement;
  readonly #strip: ImageBitmap;
  readonly #data: ReportData;

  private constructor(canvas: HTMLCanvasElement, strip: ImageBitmap, data: ReportData) {
    this.#canvas = canvas;
    this.#strip = strip;
    this.#data = data;
    [canvas.height, canvas.width] = data.grid;
    canvas.parentElement!.style.setProperty("--aspect", String(canvas.width / canvas.height));
  }

  /** @throws Error where the page's pictures are damaged. */
  static async open(canvas: HTMLCanvasElement, data: ReportData): Promise<Film> {
    const image = new Image();
    image.src = data.film.source;
    try {
      await image.decode();
      return new Film(canvas, await createImageBitmap(image), data);
    } catch (cause) {
      throw new Error("The pictures in this page cannot be read: its text is damaged.", { cause });
    }
  }

  /** Draws picture number `frame`. */
  show(frame: number): void {
    const {
      grid: [height, width],
      film: { columns },
    } = this.#data;
    const [left, top] = [(frame % columns) * width, Math.floor(frame / columns) * height];
    const context = this.#canvas.getContext("2d")!;
    context.clearRect(0, 0, width, height);
    context.drawImage(this.#strip, left, top, width, height, 0, 0, width, height);
  }
}

/** Links to the charts of cells, each at its cell. */
export function placeMarkers(place: HTMLElement, { cells, grid: [height, width] }: ReportData): void {
  cells.forEach(([row, column], i) => {
    const marker = document.createElement("a");
    marker.href = `#cell-${i + 1}`;
    marker.textContent = String(i + 1);
    marker.ariaLabel = `Cell ${i + 1}: row ${row}, column ${column}`;
    marker.style.left = `${((column + 0.5) / width) * 100}%`;
    marker.style.top = `${((row + 0.5) / height) * 100}%`;
    place.append(marker);
  });
}
