import type { Plane } from "../rule/grid.ts";

/** SVG paths, a unit a cell. */
export type MembershipPaths = Readonly<{
  /** The cells that are not 0: those that run a guest model. */
  area: string;
  /** Edges between neighbours that run different models. */
  border: string;
}>;

/** Draws which cells run which model. @param membership shape (H, W): 0 the host, n the n-th guest. */
export function membershipPaths(membership: Uint8Array, [height, width]: Plane): MembershipPaths {
  const at = (y: number, x: number) => membership[y * width + x];
  const area = [];
  const border = [];
  for (let y = 0; y < height; y++) {
    for (const [from, to] of runs(width, (x) => at(y, x) > 0)) {
      area.push(`M${from} ${y}H${to}V${y + 1}H${from}Z`);
    }
    if (y === 0) continue;
    for (const [from, to] of runs(width, (x) => at(y, x) !== at(y - 1, x))) {
      border.push(`M${from} ${y}H${to}`);
    }
  }
  for (let x = 1; x < width; x++) {
    for (const [from, to] of runs(height, (y) => at(y, x) !== at(y, x - 1))) {
      border.push(`M${x} ${from}V${to}`);
    }
  }
  return { area: area.join(""), border: border.join("") };
}

/** Stretches [from, to) of 0 to `length` in which all numbers pass. */
function runs(length: number, passes: (i: number) => boolean): [number, number][] {
  const found: [number, number][] = [];
  for (let i = 0; i < length; i++) {
    if (!passes(i)) continue;
    const from = i;
    while (i < length && passes(i)) i++;
    found.push([from, i]);
  }
  return found;
}
