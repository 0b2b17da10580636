import { describe, expect, it } from "vitest";
import type { Plane } from "../rule/grid.ts";
import { MOST_ZOOM, Viewport } from "./viewport.ts";

function viewport(grid: Plane, width: number, height: number, rest: Partial<Viewport> = {}): Viewport {
  return Object.assign(new Viewport(), { grid, room: { width, height } }, rest);
}

describe("Viewport", () => {
  it("shows all of the grid in the middle, in whole device pixels a cell", () => {
    const view = viewport([20, 30], 310, 300);
    expect([view.cell, view.box, view.fine]).toEqual([
      10,
      { left: 5, top: 50, width: 300, height: 200 },
      false,
    ]);
    view.pixelRatio = 1.5;
    // 310 / 30 * 1.5 = 15.5 device pixels.
    expect(view.cell).toBe(10);
    expect(view.box.left * 1.5).toBe(8);
  });

  it("fills the room where cells are too small for that", () => {
    const view = viewport([100, 100], 150, 160);
    expect([view.cell, view.fine, view.middle]).toEqual([1.5, true, [50, 50]]);
  });

  it("keeps tiles as large as one picture until their cells are of whole pixels, too", () => {
    const view = viewport([10, 10], 110, 110, { tiles: 4 });
    expect([view.cell, view.fine]).toEqual([11, false]);
    // 4 x 4 device pixels a cell of a tile are 16 of the whole; 1.6 times 11 are 17.6.
    view.zoom = 1.6;
    expect(view.cell).toBe(16);
    view.tiles = 8;
    expect(view.fine).toBe(false);
    view.tiles = 9;
    expect(view.fine).toBe(true);
  });

  it("says which cell is at a point, in each tile", () => {
    const view = viewport([10, 10], 100, 100);
    expect(view.spotAt({ x: 35, y: 72 })).toEqual({ x: 3.5, y: 7.2, tile: { x: 0, y: 0 } });
    view.tiles = 2;
    expect(view.spotAt({ x: 35, y: 72 })).toEqual({ x: 7, y: 4.4, tile: { x: 0, y: 1 } });
    // Beyond the picture, on from the nearest tile.
    expect(view.spotAt({ x: -5, y: 110 })).toEqual({ x: -1, y: 12, tile: { x: 0, y: 1 } });
    view.zoom = 2;
    view.centre = [7.5, 2.5];
    expect(view.box).toEqual({ left: 0, top: -100, width: 200, height: 200 });
    expect(view.spotAt({ x: 50, y: 50 })).toEqual({ x: 5, y: 5, tile: { x: 0, y: 1 } });
  });

  it("keeps what is under the pointer there, where there is no edge", () => {
    const view = viewport([40, 40], 410, 400);
    const at = { x: 190, y: 230 };
    const before = view.spotAt(at);
    for (const factor of [1.7, 1.3, 2]) view.move(at, at, factor);
    const after = view.spotAt(at);
    // Roundings of sums of numbers up to 400.
    expect(Math.hypot(after.x - before.x, after.y - before.y)).toBeLessThan(1e-12);
    expect(view.cell).toBe(44);
    view.move(at, { x: 205, y: 200 }, 1);
    const moved = view.spotAt({ x: 205, y: 200 });
    expect(Math.hypot(moved.x - before.x, moved.y - before.y)).toBeLessThan(1e-12);
  });

  it("shows no emptiness that it need not show", () => {
    const view = viewport([20, 40], 400, 400);
    view.move({ x: 0, y: 0 }, { x: 0, y: 0 }, 1.5);
    // 15 pixels a cell: 600 x 300.
    expect(view.box).toEqual({ left: 0, top: 50, width: 600, height: 300 });
    view.move({ x: 0, y: 0 }, { x: 500, y: 500 }, 1);
    expect(view.box.left).toBe(0);
    view.move({ x: 0, y: 0 }, { x: -5000, y: 10 }, 1);
    expect([view.box.left, view.middle]).toEqual([-200, [10, 40 - 200 / 15]]);
    view.move({ x: 0, y: 0 }, { x: 20, y: 0 }, 1);
    expect(view.box.left).toBe(-180);
    view.centre = [-7, NaN];
    expect(view.middle[0]).toBe(10);
  });

  it("magnifies from 1 to 32 times", () => {
    const view = viewport([10, 10], 100, 100);
    const at = { x: 20, y: 20 };
    view.move(at, at, 1e9);
    expect([view.zoom, view.cell]).toEqual([MOST_ZOOM, 320]);
    view.move(at, at, 0);
    expect([view.zoom, view.box]).toEqual([1, { left: 0, top: 0, width: 100, height: 100 }]);
  });

  it("reveals a spot by moving no farther than it must", () => {
    const view = viewport([40, 40], 400, 400, { zoom: 4, centre: [20, 20] });
    view.reveal({ x: 21.5, y: 19.5, tile: { x: 0, y: 0 } });
    expect(view.middle).toEqual([20, 20]);
    // Five cells to each side are in sight, and two stay around the spot.
    view.reveal({ x: 24.5, y: 8.5, tile: { x: 0, y: 0 } });
    expect(view.middle).toEqual([11.5, 21.5]);
    view.tiles = 2;
    view.reveal({ x: 20.5, y: 39.5, tile: { x: 1, y: 1 } });
    expect(view.middle).toEqual([35, 26.25]);
  });
});
