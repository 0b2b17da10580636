/** Files that visitors open and download in the playground, in Chromium. */
import sharp, { type Sharp } from "sharp";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodePicture, loadTarget } from "../../src/node/images.ts";
import { targetFromRgba } from "../../src/data/image.ts";
import { sharedChromium } from "./chromium.ts";
import type { Modules } from "./playground.page.ts";
import { leavePage } from "./pages.ts";
import { BLANK, openPage, PlaygroundSite } from "./playgroundPage.ts";

declare const modules: Modules;

/** A file as the page can be given it. */
const given = (name: string, bytes: Uint8Array | string) => ({ name, bytes: [...Buffer.from(bytes)] });
const RED_DISC =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20" width="40" height="20"><circle cx="10" cy="10" r="9" fill="#c21"/></svg>';

describe("the playground's files in Chromium", () => {
  let site: PlaygroundSite;
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    [site, browser] = await Promise.all([PlaygroundSite.build(), sharedChromium()]);
    ({ page, complaints } = await openPage(browser, await site.serve(true)));
  });

  afterAll(async () => {
    await leavePage(page, BLANK);
    site.leave();
    expect(complaints).toEqual([]);
  });

  /** The target that a file makes, or what the page says of it. */
  function targetOf(file: ReturnType<typeof given>, size: number): Promise<number[] | string> {
    return page.evaluate(
      async ([{ name, bytes }, cells]) => {
        const { files, picture } = modules;
        const blob = new Blob([Uint8Array.from(bytes)]);
        try {
          const opened = await files.openFile(blob, name, picture.readPicture);
          if (opened.kind !== "picture") return opened.kind;
          return [...picture.targetOf(opened.picture, { size: cells, padding: 2, premultiplied: true }).data];
        } catch (error) {
          return String(error instanceof Error ? error.message : error);
        }
      },
      [file, size] as const,
    );
  }

  it.each([
    ["png", (image: Sharp) => image.png()],
    ["jpg", (image: Sharp) => image.flatten({ background: "#ffffff" }).jpeg({ quality: 98 })],
    ["webp", (image: Sharp) => image.webp({ lossless: true })],
    ["gif", (image: Sharp) => image.gif()],
    ["svg", undefined],
  ] as const)("makes of a %s the target that Node makes", async (ending, encode) => {
    // Large enough to be reduced twice.
    const large = sharp(Buffer.from(RED_DISC), { density: 3000 });
    const bytes = encode ? await encode(large).toBuffer() : Buffer.from(RED_DISC);
    const target = await targetOf(given(`disc.${ending}`, bytes), 16);
    const options = { size: 16, padding: 2, premultiplied: true };
    const { data } = targetFromRgba(await decodePicture(bytes, 16), options);
    if (typeof target === "string") throw new Error(target);
    const differences = Array.from(data, (value, i) => Math.abs(value - target[i]));
    // Both filters reduce in two stages, each its own; edges differ by up to six hundredths.
    expect(Math.max(...differences)).toBeLessThan(0.1);
    expect(differences.reduce((a, b) => a + b) / differences.length).toBeLessThan(0.003);
  });

  it("makes the same targets of the emoji choices as Node", async () => {
    const options = { size: 40, padding: 4, premultiplied: true };
    const { names, lizard } = await page.evaluate(async (asked) => {
      const { emojiChoices, picture } = modules;
      const { data } = picture.targetOf((await emojiChoices.emojiPicture("🦎")).picture, asked);
      return { names: (await emojiChoices.loadEmojiChoices()).map(({ name }) => name), lizard: [...data] };
    }, options);
    expect(names).toHaveLength(24);
    expect(new Set(names).size).toBe(24);
    const { data } = await loadTarget("🦎", options);
    const differences = Array.from(data, (value, i) => Math.abs(value - lizard[i]));
    // Two programs draw the same outlines.
    expect(Math.max(...differences)).toBeLessThan(0.15);
    expect(differences.reduce((a, b) => a + b) / differences.length).toBeLessThan(0.003);
  });

  it("draws flags as Node does, on every system, and names their set", async () => {
    const options = { size: 40, padding: 4, premultiplied: true };
    const found = await page.evaluate(async (asked) => {
      const { emojiChoices, picture } = modules;
      const { title, source, picture: raster } = await emojiChoices.emojiPicture(" 🇩🇪 ");
      const wales = await emojiChoices.emojiPicture("🏴󠁧󠁢󠁷󠁬󠁳󠁿");
      const unknown = await emojiChoices.emojiPicture("🇽🇽").then((drawn) => drawn.title, String);
      return { title, source, wales: wales.title, unknown, data: [...picture.targetOf(raster, asked).data] };
    }, options);
    expect(found).toMatchObject({
      title: "🇩🇪 flag-germany (Twemoji)",
      source: "🇩🇪",
      wales: "🏴󠁧󠁢󠁷󠁬󠁳󠁿 flag-wales (Twemoji)",
    });
    // No set has it, and the system has letters or nothing.
    expect(found.unknown).toMatch(/^🇽🇽$|this system has no drawing of 🇽🇽/);
    const { data } = await loadTarget("🇩🇪", options);
    const differences = Array.from(data, (value, i) => Math.abs(value - found.data[i]));
    // Two programs draw the same outlines.
    expect(Math.max(...differences)).toBeLessThan(0.15);
    expect(differences.reduce((a, b) => a + b) / differences.length).toBeLessThan(0.003);
  });

  it("says in a sentence why it cannot take a file", async () => {
    const png = await sharp({ create: { width: 30, height: 30, channels: 3, background: "red" } })
      .png()
      .toBuffer();
    const huge = Buffer.from(png);
    huge.writeUInt32BE(10_000, 16);
    huge.writeUInt32BE(5_000, 20);
    const clear = await sharp({ create: { width: 8, height: 8, channels: 4, background: "#0000" } })
      .png()
      .toBuffer();
    const cases = [
      [
        given("huge.png", huge),
        /^huge\.png: the picture has 10000 x 5000 pixels, and at most 40 million are read/,
      ],
      [given("cut.png", png.subarray(0, 60)), /^cut\.png: the PNG picture is damaged/],
      [given("bad.svg", "<svg><circle"), /^bad\.svg: the SVG drawing is damaged/],
      [
        given("thin.png", await sharp(png).resize(30, 2, { fit: "fill" }).png().toBuffer()),
        /each side needs at least 4/,
      ],
      [given("notes.txt", "Remember the milk."), /^notes\.txt: neither a picture/],
      [given("clear.png", clear), /fully transparent/],
    ] as const;
    for (const [file, message] of cases) expect(await targetOf(file, 16)).toMatch(message);
  });

  it("reads drawings and emoji, or says that the system has none", async () => {
    const { drawing, empty, letter, missing } = await page.evaluate(() => {
      const { picture } = modules;
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [60, 40];
      // oxlint-disable-next-line unicorn/consistent-function-scoping -- it must travel to the page
      const said = (work: () => { width: number; height: number }) => {
        try {
          const { width, height } = work();
          return { width, height };
        } catch (error) {
          return String(error);
        }
      };
      const before = said(() => picture.readDrawing(canvas));
      canvas.getContext("2d")!.fillRect(10, 5, 20, 30);
      return {
        drawing: said(() => picture.readDrawing(canvas)),
        empty: before,
        letter: said(() => picture.drawEmoji("A")),
        missing: said(() => picture.drawEmoji("\u{10fffe}")),
      };
    });
    expect(drawing).toEqual({ width: 20, height: 30 });
    expect(empty).toMatch(/nothing to grow/);
    if (typeof letter === "string") throw new Error(letter);
    // Of 512 pixels, a capital takes about two thirds.
    expect(letter.height).toBeGreaterThan(300);
    expect(letter.height).toBeLessThan(420);
    expect(missing).toMatch(/this system has no drawing of/);
  });

  it("opens the files that it made", async () => {
    const back = await page.evaluate(async () => {
      const { decodeModel, encodeModel, downloads, files, link, picture, TrainingSession, discTarget } =
        modules;
      const { resolveGrowingConfig, targetRaster } = modules;
      const config = resolveGrowingConfig({
        recipe: "growing",
        overrides: {
          target: { source: "disc", size: 8, padding: 2 },
          training: { steps: 3, rollout: [4, 5] },
        },
      });
      const targets = [discTarget(config)];
      const session = new TrainingSession({ config, title: "disc", targets }, { saveEvery: 0 });
      await new Promise((resolve) => session.on("done", resolve));
      const model = await session.model();
      session.dispose();
      const raster = targetRaster(targets[0].data, [12, 12], true);
      const away = [
        [downloads.modelFile(model), downloads.fileName("Ein Männchen, 🦎!", ".safetensors")],
        [await downloads.playerFile("disc", model, { grid: [12, 12] }), "player.html"],
        [await downloads.pngFile(raster, 3), "disc.png"],
        [new Blob([link.encodeLink({ title: "disc", config, picture: raster, model }).fragment]), "link.txt"],
      ] as const;
      const opened = [];
      for (const [file, name] of away) {
        const found = await files.openFile(file, name, picture.readPicture);
        const taken =
          found.kind === "model" ? found.model : found.kind === "link" ? found.content.model : undefined;
        const exact = taken && String(encodeModel(taken)) === String(encodeModel(model));
        const size = found.kind === "picture" && [found.picture.width, found.picture.height];
        opened.push({ name, kind: found.kind, exact, size, type: file.type });
      }
      const panels = ["seed", "step 3"].map((caption) => ({ caption, picture: raster }));
      const sheet = await createImageBitmap(await downloads.sheetFile(panels));
      return {
        opened,
        sheet: [sheet.width, sheet.height],
        decoded: decodeModel(encodeModel(model)).rule.channels,
      };
    });
    expect(back.opened).toMatchObject([
      { name: "Ein-Männchen.safetensors", kind: "model", exact: true },
      { name: "player.html", kind: "model", exact: true, type: "text/html" },
      { name: "disc.png", kind: "picture", size: [36, 36], type: "image/png" },
      { name: "link.txt", kind: "link", exact: false },
    ]);
    // Two margins, two panels and the gap between them; and a caption.
    expect(back.sheet).toEqual([2 * 56 + 2 * 12 + 28, 2 * 56 + 12 + 46]);
  });

  it("films growth with the encoders that there are, and names those that are missing", async () => {
    const films = await page.evaluate(async () => {
      const { createWasmEngine, film, resolveGrowingConfig } = modules;
      const { image: readout, seed: cell, ...rule } = resolveGrowingConfig().rule;
      const engine = await createWasmEngine();
      const parameters = new Float32Array(8336);
      const start = { seeds: [[0, 0]] as const, cell };
      const model = { rule, readout, start, parameters, provenance: { grid: [9, 9] as const } };
      const frames = () => film.growthFrames(engine, model, { steps: 6, every: 3, scale: 2 });
      const made: Record<string, { type: string; bytes: number[] } | string> = {};
      for (const { format, missing } of await film.filmFormats()) {
        const counts: number[] = [];
        const options = { delay: 30, hold: 60, onFrame: (count: number) => counts.push(count) };
        made[format] =
          missing ??
          (await film.encodeFilm(frames(), format, options).then(async (blob) => ({
            type: blob.type,
            counts,
            bytes: [...new Uint8Array(await blob.arrayBuffer())],
          })));
      }
      await engine.dispose();
      return made;
    });
    expect(films.gif).toMatch(/^no browser has an encoder for GIF/);
    if (typeof films.webp === "string") throw new Error(films.webp);
    expect(films.webp).toMatchObject({ type: "image/webp", counts: [1, 2, 3] });
    const still = sharp(Buffer.from(films.webp.bytes), { pages: -1 });
    expect(await still.metadata()).toMatchObject({
      pages: 3,
      delay: [30, 30, 60],
      width: 18,
      pageHeight: 18,
    });
    // A model that stands still: its seed, black, two pixels and side, in each frame.
    const pixels = await still.ensureAlpha().raw().toBuffer();
    expect(pixels.filter((byte, i) => i % 4 === 3 && byte === 255)).toHaveLength(3 * 4);
    for (const [format, brand] of [
      ["mp4", "ftyp"],
      ["webm", "\x1aE\xdf\xa3"],
    ] as const) {
      const video = films[format];
      if (typeof video === "string")
        expect(video).toBe(`this browser has no encoder for ${format === "mp4" ? "MP4" : "WebM"}`);
      else expect(String.fromCharCode(...video.bytes.slice(0, 12))).toContain(brand);
    }
  });
});
