import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { beforeAll, expect, it } from "vitest";
import { bundleElement } from "../../scripts/element.mjs";

let bundle: string;
let webgpu: string;
beforeAll(async () => {
  ({ "nca-canvas.js": bundle, "nca-canvas-webgpu.js": webgpu } = await bundleElement());
});

it("is one small file that asks for no other but the graphics device's, when that is wanted", () => {
  expect(gzipSync(bundle).length).toBeLessThan(76_000);
  expect(bundle.match(/\bimport\s*[("{*][^)]*/g)).toEqual(['import("./nca-canvas-webgpu.js"']);
  expect(gzipSync(webgpu).length).toBeLessThan(32_000);
  expect(webgpu).not.toMatch(/\bimport\s*[("{*]/);
});

it("can be imported where there is no page", async () => {
  const folder = await mkdtemp(join(tmpdir(), "neoblast-test-"));
  const file = join(folder, "nca-canvas.mjs");
  await writeFile(file, bundle);
  const names = Object.keys(await import(pathToFileURL(file).href)).toSorted();
  await rm(folder, { recursive: true });
  expect(names).toEqual(["NcaCanvas", "decodeModel", "defineNcaCanvas", "encodeModel"]);
  expect(Object.keys(await import("./index.ts")).toSorted()).toEqual(names);
});
