/** `neoblast export --to qr`: a small model in a link, and the link in a code that a camera reads. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import decodeQr from "qr/decode.js";
import sharp from "sharp";
import { afterAll, beforeAll, expect, it } from "vitest";
import { resolveTextureConfig } from "../src/experiments/texture/config.ts";
import { decodeModelLink } from "../src/exporters/modelLink.ts";
import { encodeModel } from "../src/model/model.ts";
import { splitRule } from "../src/model/pictureRule.ts";
import { STREAM, uniform } from "../src/random.ts";
import { parameterCount } from "../src/rule/parameters.ts";
import { call } from "./commandLine.ts";

const PAGE = "https://example.org/some/where/playground/";
const before = process.cwd();
let place: string;
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), "neoblast-qr-"));
  process.chdir(place);
  for (const name of ["small", "full"] as const) {
    const conventions = splitRule(resolveTextureConfig({ model: name }).rule, []);
    const count = parameterCount(conventions.rule);
    // Even numbers: no others compress worse.
    const parameters = Float32Array.from({ length: count }, (_, i) => uniform(1, STREAM.data, 0, i) - 0.5);
    const provenance = { grid: [64, 48] as const, target: "bark", match: "texture", steps: 7 } as const;
    writeFileSync(`${name}.safetensors`, encodeModel({ ...conventions, parameters, provenance }));
  }
});
afterAll(() => {
  process.chdir(before);
  rmSync(place, { recursive: true });
});

const exportTo = (out: string, ...more: string[]) =>
  call(["export", "small.safetensors", "--to", "qr", "--page", PAGE, "--out", out, ...more]);

const refused = (...more: string[]) => call(["export", "full.safetensors", "--to", "qr", ...more]);

it("writes a code of at most 900 characters, which holds the model", async () => {
  const { code, stdout, stderr } = await exportTo("code.png");
  expect({ code, stdout }).toEqual({ code: undefined, stdout: "code.png\n" });
  const { data, info } = await sharp("code.png").ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const address = decodeQr({ width: info.width, height: info.height, data: new Uint8Array(data) });
  expect(stderr).toContain(address);
  expect(address.startsWith(`${PAGE}#m1=`)).toBe(true);
  expect(address.length).toBeLessThanOrEqual(900);
  const { title, model } = decodeModelLink(address);
  expect(title).toBe("bark");
  expect(model.provenance).toEqual({ grid: [64, 48], match: "texture" });
  await exportTo("code.svg");
  expect(readFileSync("code.svg", "utf8")).toMatch(/^<svg /);
});

it("refuses in one sentence what does not fit, or lacks a page", async () => {
  expect(await refused("--page", PAGE, "--out", "code.svg")).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/the link would have \d+ characters; at most 900 fit a QR code/),
  });
  expect(await refused("--out", "code.svg")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("--to qr needs --page"),
  });
  expect(await refused("--page", "there", "--out", "code.svg")).toMatchObject({ code: 2 });
});
