/** Approved pictures: what a drawing looked like when a person last looked at it and was content. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { expect } from "vitest";

const folder = fileURLToPath(new URL("approved/", import.meta.url));

export type Tolerance = Readonly<{
  /** Largest difference of a colour or alpha value, 0 to 255, that counts for nothing. */
  level: number;
  /** Largest share of pixels, 0 to 1, that may differ by more. */
  share: number;
}>;

/**
 * Compares a PNG with `test/approved/<name>.png`. With UPDATE_APPROVED=1 in the environment it becomes the approved one,
 * to be looked at before it is committed; a picture that fails is left beside it as `<name>.actual.png`.
 */
export async function expectApproved(png: Uint8Array, name: string, tolerance: Tolerance): Promise<void> {
  const approved = `${folder}${name}.png`;
  if (process.env.UPDATE_APPROVED) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(approved, png);
  }
  expect(existsSync(approved), `${approved} is missing; UPDATE_APPROVED=1 makes it`).toBe(true);
  const [actual, wanted] = await Promise.all([pixelsOf(png), pixelsOf(approved)]);
  const differing =
    actual.size === wanted.size ? shareOver(actual.data, wanted.data, tolerance.level) : Infinity;
  if (differing > tolerance.share) writeFileSync(`${folder}${name}.actual.png`, png);
  expect(actual.size).toBe(wanted.size);
  expect(differing, `share of pixels of ${name}.png that differ`).toBeLessThanOrEqual(tolerance.share);
}

async function pixelsOf(png: Uint8Array | string): Promise<{ size: string; data: Buffer }> {
  const { data, info } = await sharp(png).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return { size: `${info.width} x ${info.height}`, data };
}

function shareOver(a: Buffer, b: Buffer, level: number): number {
  let count = 0;
  for (let i = 0; i < a.length; i += 4) {
    if ([0, 1, 2, 3].some((k) => Math.abs(a[i + k] - b[i + k]) > level)) count++;
  }
  return count / (a.length / 4);
}
