/** `neoblast export --to`: which files there are afterwards, and what is refused. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { splitRule } from "../src/model/pictureRule.ts";
import { encodeModel } from "../src/model/model.ts";
import { picturePresets } from "../src/model/presets.ts";
import { initialParameters } from "../src/rule/parameters.ts";
import { call } from "./commandLine.ts";

const before = process.cwd();
let place: string;
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), "neoblast-shaders-"));
  process.chdir(place);
  for (const channels of [16, 12, 20]) {
    const conventions = splitRule({
      ...picturePresets.distill,
      channels,
      hidden: [8],
      seed: { from: 3, to: channels },
    });
    const parameters = initialParameters(conventions.rule, 1);
    const provenance = { grid: [10, 12] as const, target: "a pet" };
    writeFileSync(`${channels}.safetensors`, encodeModel({ ...conventions, parameters, provenance }));
  }
  mkdirSync("own");
  writeFileSync("own/nca-canvas.js", "");
  writeFileSync("own/index.html", "<nca-canvas></nca-canvas>");
});
afterAll(() => {
  process.chdir(before);
  rmSync(place, { recursive: true });
});

it("writes a text for each tab of Shadertoy, and none that a larger automaton left", async () => {
  const files = ["common", "buffer-a", "buffer-b", "buffer-c", "buffer-d", "image"].map(
    (name) => `${name}.glsl`,
  );
  const { code, stdout, stderr } = await call([
    "export",
    "16.safetensors",
    "--to",
    "shadertoy",
    "--out",
    "toy",
  ]);
  expect({ code, stdout }).toEqual({
    code: undefined,
    stdout: files.map((name) => `${join("toy", name)}\n`).join(""),
  });
  expect(stderr).toContain("iChannel0 to Buffer A, iChannel1 to Buffer B");
  expect(readFileSync("toy/common.glsl", "utf8")).toContain("// a pet: a neural cellular automaton");
  await call(["export", "12.safetensors", "--to", "shadertoy", "--out", "toy"]);
  expect(readdirSync("toy").toSorted()).toEqual(files.filter((name) => name !== "buffer-d.glsl").toSorted());
});

it("writes a page and a module, with weights in 8 bits or as they are", async () => {
  for (const [to, name, start] of [
    ["webgl", "pet.html", "<!doctype html>"],
    ["three", "pet.js", "// a pet, as a texture for three.js"],
  ]) {
    const args = ["export", "20.safetensors", "--to", to, "--out", name];
    expect(await call(args)).toMatchObject({ code: undefined, stdout: `${name}\n` });
    expect(readFileSync(name, "utf8").startsWith(start)).toBe(true);
    expect(readFileSync(name, "utf8")).toContain("weights in 8 bits");
    expect(await call([...args, "--weights", "f32"])).toMatchObject({ code: undefined });
    expect(readFileSync(name, "utf8")).toContain("weights in float32");
  }
});

it("writes a page to change, and then only what it shows anew", async () => {
  const files = ["nca-canvas.js", "nca-canvas-webgpu.js", "model.safetensors", "index.html"];
  const args = ["--to", "page", "--out", "page"];
  expect(await call(["export", "20.safetensors", ...args])).toMatchObject({
    code: undefined,
    stdout: files.map((name) => `${join("page", name)}\n`).join(""),
  });
  const html = readFileSync("page/index.html", "utf8");
  expect(html).toContain("<title>a pet</title>");
  for (const name of files.slice(0, -1)) {
    expect(readFileSync(join("page", name)).length).toBeGreaterThan(1000);
    expect(html.includes(`src="${name}"`)).toBe(name !== "nca-canvas-webgpu.js");
  }
  const mine = html.replace("<p>", "<h1>Mine</h1><p>");
  writeFileSync("page/index.html", mine);
  writeFileSync("page/mine.css", "");
  const again = await call(["export", "16.safetensors", ...args]);
  expect(again.stderr).toContain(`${join("page", "index.html")} stays as it is`);
  expect(readFileSync("page/index.html", "utf8")).toBe(mine);
  expect(readdirSync("page").toSorted()).toEqual([...files, "mine.css"].toSorted());
  expect(readFileSync("page/model.safetensors")).toEqual(readFileSync("16.safetensors"));
  const own = await call(["export", "page/model.safetensors", ...args]);
  expect(own).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("which is read here and stays as it is"),
  });
});

it.each([
  [
    ["20.safetensors", "--to", "shadertoy", "--out", "x"],
    1,
    "cannot export a pet to Shadertoy: it has 20 channels, and there is room for at most 16",
  ],
  [
    ["16.safetensors", "--to", "shadertoy", "--out", "."],
    1,
    ". holds 12.safetensors, which neoblast export did not write; choose another folder",
  ],
  [
    ["16.safetensors", "--to", "shadertoy", "--out", "-"],
    2,
    "--out is standard output; Shadertoy's texts are several files, so it must be a folder",
  ],
  [["16.safetensors", "--to", "webgl", "--out", "x.js"], 2, '--out is "x.js"; its name must end in .html'],
  [
    ["16.safetensors", "--to", "unity", "--out", "x.js"],
    2,
    '--to is "unity"; it must be page, shadertoy, webgl, three or qr',
  ],
  [
    ["16.safetensors", "--to", "page", "--out", "-"],
    2,
    "--out is standard output; a page and what it shows are several files, so it must be a folder",
  ],
  [
    ["16.safetensors", "--to", "page", "--weights", "i8", "--out", "x"],
    2,
    "--weights is how shaders hold them; a page has the model's file",
  ],
  [
    ["16.safetensors", "--to", "page", "--out", "."],
    1,
    ". holds 12.safetensors and no page that neoblast export wrote; choose another folder",
  ],
  [
    // A page of somebody's own, with the element beside it.
    ["16.safetensors", "--to", "page", "--out", "own"],
    1,
    "and no page that neoblast export wrote; choose another folder",
  ],
  [
    ["16.safetensors", "--weights", "f32", "--out", "x.npz"],
    2,
    "--weights is how shaders hold them; name where they go, by --to",
  ],
] as const)("refuses %j", async (args, status, sentence) => {
  const { code, stdout, stderr } = await call(["export", ...args]);
  expect({ code, stdout, stderr: stderr.trim() }).toEqual({
    code: status,
    stdout: "",
    stderr: expect.stringContaining(sentence),
  });
  expect(readdirSync(".")).not.toContain("x");
});
