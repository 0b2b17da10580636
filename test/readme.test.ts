import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { loadModel } from "../src/node/models.ts";
import { picturePresets } from "../src/model/presets.ts";
import { makeFolderInPackage } from "./inPackage.ts";
import { splitRule } from "../src/model/pictureRule.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");
const folder = makeFolderInPackage("readme");
afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: string[]): string {
  return execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
}

describe("the README", () => {
  const example = /```ts\n(.+?)```/s.exec(readme)?.[1] ?? "";

  it("has an example that type-checks", () => {
    writeFileSync(join(folder, "example.mts"), example);
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const flags = [
      "--ignoreConfig",
      "--noEmit",
      "--strict",
      "--target",
      "es2022",
      "--module",
      "nodenext",
      "--skipLibCheck",
    ];
    run(tsc, ...flags, "example.mts");
  });

  it("has an example that trains, runs and saves", async () => {
    expect(example).toContain("steps: 1000");
    writeFileSync(join(folder, "example.mjs"), example.replace("steps: 1000", "steps: 2"));
    const output = run("example.mjs");
    expect(output).toMatch(/^0 0\.0\d+\n1 0\.0\d+\nFloat32Array\(82944\)/);
    const { rule, readout, start, provenance } = await loadModel(join(folder, "butterfly.safetensors"));
    const distill = splitRule(picturePresets.distill, start.seeds);
    expect({ rule, readout, start }).toEqual(distill);
    expect(provenance.grid).toEqual([72, 72]);
  });

  it("shows pictures that are there", () => {
    const pictures = [...readme.matchAll(/\]\((docs\/[^)#]+)(?:#[^)]*)?\)/g)].map(([, path]) => path);
    expect(pictures.length).toBeGreaterThan(1);
    for (const path of pictures) expect(readFileSync(join(root, path)).length).toBeGreaterThan(100);
  });
});
