/** Which part of a picture is shown, how large, and where its cells lie then. */
import type { Plane } from "../rule/grid.ts";
import type { Place } from "../edit/stroke.ts";

/** CSS pixels from the top left corner of the room that the picture is shown in. */
export type Point = Readonly<{ x: number; y: number }>;

/** A place, and the tile it is in, counted from the left and from the top. */
export type Spot = Place & Readonly<{ tile: Point }>;

/** Largest magnification. */
export const MOST_ZOOM = 32;
/** Where there is room for fewer device pixels a cell, cells are not drawn as squares: the picture fills the room and is smoothed. */
const FEWEST_PIXELS = 2;
/** From this many device pixels a cell on, cells of tiles are whole pixels, too; below it, all tiles together take as much room as one. */
const FEW_PIXELS = 4;
/** Cells that stay in sight around a spot that is revealed. */
const MARGIN = 2;

/** A picture of a grid, or n x n tiles of that grid each, in a room. It is never smaller than the room along both axes. */
export class Viewport {
  grid: Plane = [1, 1];
  /** Tiles across, and as many down. */
  tiles = 1;
  /** CSS pixels. */
  room: Readonly<{ width: number; height: number }> = { width: 0, height: 0 };
  /** Device pixels a CSS pixel. */
  pixelRatio = 1;
  /** From 1, all of the grid, to `MOST_ZOOM`. */
  zoom = 1;
  /** Row and column that is asked for in the middle; undefined: that of the grid. */
  centre: readonly [number, number] | undefined;

  /** CSS pixels of a cell, tiles taken as one picture of the grid. */
  get cell(): number {
    const { grid, room, pixelRatio } = this;
    const pixels = this.zoom * Math.min(room.width / grid[1], room.height / grid[0]) * pixelRatio;
    const unit = pixels >= FEW_PIXELS * this.tiles ? this.tiles : 1;
    return (pixels < FEWEST_PIXELS ? pixels : Math.floor(pixels / unit) * unit) / pixelRatio;
  }

  /** Whether cells are too small to be distinguished. */
  get fine(): boolean {
    return (this.cell * this.pixelRatio) / this.tiles < FEWEST_PIXELS;
  }

  /** Row and column in the middle of the room: as asked for, as far as the picture covers the room. */
  get middle(): readonly [number, number] {
    const { grid, centre, room, cell } = this;
    const within = (axis: 0 | 1, length: number) => {
      const half = length / 2 / cell;
      if (!(2 * half < grid[axis])) return grid[axis] / 2;
      return Math.min(grid[axis] - half, Math.max(half, centre?.[axis] ?? grid[axis] / 2));
    };
    return [within(0, room.height), within(1, room.width)];
  }

  /** Where the whole picture lies, in CSS pixels of the room; its corner on a device pixel. */
  get box(): Readonly<{ left: number; top: number; width: number; height: number }> {
    const { grid, room, cell, pixelRatio } = this;
    const [row, column] = this.middle;
    const onPixel = (length: number) => Math.round(length * pixelRatio) / pixelRatio;
    return {
      left: onPixel(room.width / 2 - column * cell),
      top: onPixel(room.height / 2 - row * cell),
      width: grid[1] * cell,
      height: grid[0] * cell,
    };
  }

  /** The spot at a point; beyond the picture, beyond the grid of the nearest tile. */
  spotAt(point: Point): Spot {
    const { grid, tiles } = this;
    const [row, column] = this.#cellAt(point);
    const along = (place: number, size: number) => {
      const tile = Math.min(tiles - 1, Math.max(0, Math.floor((place / size) * tiles)));
      return [place * tiles - tile * size, tile];
    };
    const [x, tileX] = along(column, grid[1]);
    const [y, tileY] = along(row, grid[0]);
    return { x, y, tile: { x: tileX, y: tileY } };
  }

  /** Moves what is shown at one point to another, magnified by a factor, as far as the picture covers the room. */
  move(from: Point, to: Point, factor: number): void {
    const [row, column] = this.#cellAt(from);
    this.zoom = Math.min(MOST_ZOOM, Math.max(1, this.zoom * factor));
    const { room, cell } = this;
    this.centre = [row + (room.height / 2 - to.y) / cell, column + (room.width / 2 - to.x) / cell];
    this.centre = this.middle;
  }

  /** Moves the picture no farther than needed for a spot to be in sight. */
  reveal({ x, y, tile }: Spot): void {
    const { grid, room, tiles, cell } = this;
    const [row, column] = this.middle;
    const near = (middle: number, place: number, length: number) => {
      const reach = Math.max(0, length / 2 / cell - MARGIN / tiles);
      return Math.min(place + reach, Math.max(place - reach, middle));
    };
    this.centre = [
      near(row, (y + tile.y * grid[0]) / tiles, room.height),
      near(column, (x + tile.x * grid[1]) / tiles, room.width),
    ];
  }

  #cellAt({ x, y }: Point): readonly [number, number] {
    const { room, cell } = this;
    const [row, column] = this.middle;
    return [row + (y - room.height / 2) / cell, column + (x - room.width / 2) / cell];
  }
}
