/** What is drawn over the cells: tissue, marks, and the edges of tiles. */
import type { Grid } from "../rule/rule.ts";
import { svg } from "./dom.ts";
import { tissuePaths } from "./tissue.ts";

/** A cell that is outlined. */
export type Mark = Readonly<{
  cell: readonly [row: number, column: number];
  /** Any CSS colour. */
  colour: string;
}>;

/** A drawing as large as the picture; all is drawn in every tile. */
export class Overlay {
  readonly element = svg("svg", { class: "overlay", preserveAspectRatio: "none", "aria-hidden": "true" });
  /** What is drawn in the first tile; the others show it once more. */
  readonly #first = svg("g", { id: "first" });
  #grid: Grid = [1, 1];
  #tiles = 1;
  #marks: readonly Mark[] = [];
  #tissue: Uint8Array | undefined;

  /** Of what it is the overlay from now on. @param tiles across. */
  lay(grid: Grid, tiles: number): void {
    if (this.#grid === grid && this.#tiles === tiles) return;
    this.#grid = grid;
    this.#tiles = tiles;
    const [height, width] = grid;
    this.element.setAttribute("viewBox", `0 0 ${width * tiles} ${height * tiles}`);
    const places = Array.from({ length: tiles * tiles }, (_, tile) => ({
      x: `${(tile % tiles) * width}`,
      y: `${Math.floor(tile / tiles) * height}`,
    }));
    const others = places.slice(1).map((place) => svg("use", { href: "#first", ...place }));
    this.element.replaceChildren(this.#first, ...others);
    this.#draw();
  }

  get marks(): readonly Mark[] {
    return this.#marks;
  }

  set marks(marks: readonly Mark[]) {
    this.#marks = marks;
    this.#draw();
  }

  /** Shows which cells are of which tissue, shape (H, W); undefined: does not. */
  set tissue(cells: Uint8Array | undefined) {
    this.#tissue = cells;
    this.#draw();
  }

  #draw(): void {
    const [height, width] = this.#grid;
    const drawn = [...this.#drawTissue(), ...this.#marks.flatMap(drawMark)];
    if (this.#tiles > 1) drawn.push(rectangle(0, 0, height, width, { class: "gap" }));
    this.#first.replaceChildren(...drawn);
  }

  #drawTissue(): SVGElement[] {
    if (!this.#tissue) return [];
    const { area, border } = tissuePaths(this.#tissue, this.#grid);
    return [
      svg("path", { class: "area", d: area }),
      svg("path", { class: "border under", d: border }),
      svg("path", { class: "border", d: border }),
    ];
  }
}

function drawMark({ cell: [row, column], colour }: Mark): SVGElement[] {
  return [
    rectangle(row, column, 1, 1, { class: "mark under" }),
    rectangle(row, column, 1, 1, { class: "mark", stroke: colour }),
  ];
}

function rectangle(
  y: number,
  x: number,
  height: number,
  width: number,
  attributes: Readonly<Record<string, string>>,
): SVGElement {
  return svg("rect", { x: `${x}`, y: `${y}`, width: `${width}`, height: `${height}`, ...attributes });
}
