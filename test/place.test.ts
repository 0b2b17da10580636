/** How a build comes into its place. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { placeText, placeTree } from "../scripts/place.mjs";

let place: string;
beforeEach(() => void (place = mkdtempSync(join(tmpdir(), "neoblast-place-"))));
afterEach(() => rmSync(place, { recursive: true }));

it("replaces files one by one and then removes what is no longer there", () => {
  const [from, to] = [join(place, "to", ".build-1"), join(place, "to")];
  for (const folder of ["sub", "gone", ".build-1/sub", ".build-1/new", ".build-2"]) {
    mkdirSync(join(to, folder), { recursive: true });
  }
  for (const file of ["a.js", "sub/b.js", "sub/old.js", "gone/c.js", ".build-2/d.js"]) {
    writeFileSync(join(to, file), "old");
  }
  for (const file of ["a.js", "sub/b.js", "new/e.js"]) writeFileSync(join(from, file), "new");
  placeTree(from, to);
  for (const file of ["a.js", "sub/b.js", "new/e.js"])
    expect(readFileSync(join(to, file), "utf8")).toBe("new");
  // The other build is under way.
  const left = readdirSync(to).filter((name) => name !== ".build-1");
  expect(left.toSorted()).toEqual([".build-2", "a.js", "new", "sub"]);
  expect(existsSync(join(to, "sub/old.js"))).toBe(false);
});

it("leaves a text alone that is there already, and nothing beside it", () => {
  const path = join(place, "generated", "x.ts");
  placeText(path, "one");
  const { ino } = statSync(path);
  placeText(path, "one");
  expect(statSync(path).ino).toBe(ino);
  placeText(path, "two");
  expect(readFileSync(path, "utf8")).toBe("two");
  expect(readdirSync(join(place, "generated"))).toEqual(["x.ts"]);
});
