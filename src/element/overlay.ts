/** What is drawn over the cells: which model each cell runs, marks, and the edges of tiles. */
import type { Plane } from "../rule/grid.ts";
import { svg } from "./dom.ts";
import { membershipPaths } from "./membership.ts";

/** A cell that is outlined. */
export type Mark = Readonly<{
  cell: readonly [row: number, column: number];
  /** Any CSS colour. */
  colour: string;
}>;

/** A layer as large as the picture, with the same marks in every tile. */
export class Overlay {
  readonly element = svg("svg", { class: "overlay", preserveAspectRatio: "none", "aria-hidden": "true" });
  /** What is drawn in the first tile; the others show it once more. */
  readonly #first = svg("g", { id: "first" });
  #grid: Plane = [1, 1];
  #tiles = 1;
  #marks: readonly Mark[] = [];
  #membership: Uint8Array | undefined;

  /** Fits it to a picture. @param tiles across. */
  fit(grid: Plane, tiles: number): void {
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

  /** Which model each cell runs, shape (H, W); undefined: not shown. */
  set membership(membership: Uint8Array | undefined) {
    this.#membership = membership;
    this.#draw();
  }

  #draw(): void {
    const [height, width] = this.#grid;
    const drawn = [...this.#drawMembership(), ...this.#marks.flatMap(drawMark)];
    if (this.#tiles > 1) drawn.push(rectangle(0, 0, height, width, { class: "gap" }));
    this.#first.replaceChildren(...drawn);
  }

  #drawMembership(): SVGElement[] {
    if (!this.#membership) return [];
    const { area, border } = membershipPaths(this.#membership, this.#grid);
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
