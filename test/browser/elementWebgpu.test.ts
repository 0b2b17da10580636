/** `<nca-canvas engine>` in Chromium with a graphics device of software: what is drawn, from where, and when the device is lost. */
import { readFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EngineAtPlay } from "../../src/element/engines.ts";
import { sharedChromium, SOFTWARE_WEBGPU } from "./chromium.ts";
import { ElementPage, ElementSite, SCRIPT } from "./elementPage.ts";

const pretrained = readFileSync(
  new URL("../../src/experiments/growing/pretrained.safetensors", import.meta.url),
);

/** Notes devices, how often they are read, and which engines play in which elements. */
const HEAD = `<script>
  globalThis.devices = [];
  globalThis.readings = 0;
  globalThis.seats = [];
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (...given) {
    devices.push(await requestDevice.apply(this, given));
    return devices.at(-1);
  };
  const { mapAsync } = GPUBuffer.prototype;
  GPUBuffer.prototype.mapAsync = function (...given) {
    readings++;
    return mapAsync.apply(this, given);
  };
  addEventListener("nca-engine", ({ target, detail }) => seats.push([target.id, detail]));
  /** What an element shows, on grey: colours of what is nearly transparent count as little as they are seen. */
  globalThis.bytesOf = ({ canvas }) => {
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
    copy.fillStyle = "#777";
    copy.fillRect(0, 0, canvas.width, canvas.height);
    copy.drawImage(canvas, 0, 0);
    return copy.getImageData(0, 0, canvas.width, canvas.height).data;
  };
  globalThis.grow = async (id, steps) => {
    const e = document.getElementById(id);
    while (steps-- > 0) {
      const before = e.simulation.steps;
      e.step();
      // A frame may only finish an edit, which is still under way.
      while (e.simulation.steps === before) {
        await new Promise((next) => requestAnimationFrame(next));
        await e.simulation.frame();
      }
    }
  };
</script>`;
const [HEIGHT, WIDTH] = [26, 30];
const element = (id: string, engine: string) =>
  `<nca-canvas id="${id}" engine="${engine}" paused size="240" background="#777" style="margin: 5px"></nca-canvas>`;

let browser: Browser;
let site: ElementSite;
let at: ElementPage;
beforeAll(async () => {
  browser = await sharedChromium(SOFTWARE_WEBGPU);
  site = await ElementSite.start({ "model.safetensors": pretrained });
  const body = `${SCRIPT}${element("device", "webgpu")}${element("wasm", "wasm")}
    <script type="module">
      import { decodeModel } from "./nca-canvas.js";
      globalThis.model = decodeModel(new Uint8Array(await (await fetch("model.safetensors")).arrayBuffer()));
      for (const e of document.querySelectorAll("nca-canvas")) e.load(model, { grid: [${HEIGHT}, ${WIDTH}] });
    </script>`;
  at = await ElementPage.open(browser, site, { head: HEAD, body });
});
afterAll(async () => {
  await at.close();
  await site.stop();
});

const ask = <T>(expression: string) => at.page.evaluate<T>(`(async () => (${expression}))()`);
const seats = (id: string) =>
  ask<EngineAtPlay[]>(`seats.filter(([from]) => from === "${id}").map(([, detail]) => detail)`);

/** Numbers, 0 to 255, that differ by more than 1 between both elements, and how many there are. */
const compare = () =>
  ask<[wrong: number, all: number]>(`(() => {
    const [a, b] = [bytesOf(device), bytesOf(wasm)];
    return [a.filter((byte, i) => !(Math.abs(byte - b[i]) <= 1)).length, a.length];
  })()`);

const until = (holds: () => Promise<boolean>) =>
  expect.poll(holds, { timeout: 20_000, interval: 20 }).toBe(true);

/** Waits until both show the same, but for so many numbers: on a busy machine what was asked for may come some frames later. */
const untilAlike = (wrong = 0, what?: string) =>
  expect
    .poll(async () => (await compare())[0], { timeout: 20_000, interval: 20, message: what ?? "" })
    .toBeLessThanOrEqual(wrong);

/** A part of the page as people see it. */
const shown = async (id: string) => {
  const { x, y } = (await at.page.locator(`#${id} canvas`).first().boundingBox())!;
  return at.page.screenshot({ clip: { x, y, width: 240, height: 200 } });
};

describe("<nca-canvas engine> with a graphics device", () => {
  it("plays and draws there, as Wasm does, and reads nothing back", async () => {
    await until(() => ask("seats.length === 2"));
    expect(await seats("device")).toEqual([{ name: "webgpu", build: expect.stringContaining("float32") }]);
    expect(await seats("wasm")).toEqual([{ name: "wasm", build: expect.stringMatching(/relaxed|strict/) }]);
    expect(await ask("device.engineAtPlay.name")).toBe("webgpu");
    await ask("grow('device', 24)");
    await ask("grow('wasm', 24)");
    for (const [view, pixels] of [
      ["picture", 1],
      ["alive", 1],
      ["channels", 16],
      ["channel:3", 1],
    ] as const) {
      await ask(`(device.view = wasm.view = "${view}")`);
      await at.frames(3);
      for (const id of ["wasm", "device"]) {
        await until(() => ask(`${id}.canvas.width === ${WIDTH * Math.sqrt(pixels)}`));
      }
      // A number that lies between two colours of a scale may get either: states differ in their last bits.
      await untilAlike(view.startsWith("channel") ? 12 : 0, view);
      expect((await compare())[1], view).toBe(4 * HEIGHT * WIDTH * pixels);
    }
    expect(await ask("new Set(bytesOf(device)).size")).toBeGreaterThan(20);
    await ask(`(device.view = wasm.view = "picture")`);
    await until(async () => (await shown("device")).equals(await shown("wasm")));
    expect(await ask("readings")).toBe(0);
  });

  it("is edited by the pointer; what is no device's view is drawn from what is read back", async () => {
    const [x, y] = await at.at(15, 13, [HEIGHT, WIDTH]);
    await at.page.mouse.click(x, y);
    await ask(`wasm.erase({ x: 15.5, y: 13.5 })`);
    await ask("grow('device', 1)");
    await ask("grow('wasm', 1)");
    await at.frames(3);
    expect(await ask("readings")).toBe(1);
    await untilAlike();
    await ask(`(device.view = wasm.view = "update:3")`);
    await until(() => ask("!device.canvas.ariaHidden"));
    await at.frames(6);
    await untilAlike(12);
    await ask(`(device.view = wasm.view = "picture")`);
    await until(() => ask("device.canvas.ariaHidden === 'true'"));
    await untilAlike();
  });

  it("rests out of sight, and goes on", async () => {
    const steps = () => ask<number>("device.simulation.steps");
    await ask("(device.play(), device.style.translate = '0 3000px')");
    // What was under way is finished.
    await until(async () => {
      const before = await steps();
      await at.page.waitForTimeout(300);
      return (await steps()) === before;
    });
    const rested = await steps();
    await ask("device.style.translate = ''");
    await until(async () => (await steps()) > rested + 1);
  });

  it("plays on with Wasm where the device is lost, from the last state that was read; and by a new one when asked", async () => {
    const known = 24;
    await ask("devices[0].destroy()");
    await until(async () => (await seats("device")).length === 2);
    const [, { name, message }] = await seats("device");
    expect([name, message]).toEqual(["wasm", expect.stringMatching(/^the graphics device was lost/)]);
    await until(() => ask(`device.simulation.steps > ${known}`));
    expect(await ask("device.canvas.ariaHidden")).toBe(null);
    await ask("device.pause()");
    await at.settle();
    const steps = await ask<number>("device.simulation.steps");
    await ask(`grow('wasm', ${steps} - wasm.simulation.steps)`);
    await at.settle();
    // The same kernels, from a state that another engine computed.
    await untilAlike(12);

    await ask(`(device.engine = "wasm", device.engine = "webgpu")`);
    await until(async () => (await seats("device")).at(-1)!.name === "webgpu");
    expect(await ask("devices.length")).toBe(2);
    await ask("grow('device', 2)");
    await ask("grow('wasm', 2)");
    await untilAlike();
    expect(await ask("events.filter(([type]) => type === 'nca-error')")).toEqual([]);
  });

  it("auto: measures, and takes the faster one", async () => {
    await ask(`(wasm.engine = "auto")`);
    await until(async () => (await seats("wasm")).at(-1)!.measured !== undefined);
    const { name, measured } = (await seats("wasm")).at(-1)!;
    expect(measured![name]).toBeLessThanOrEqual(Math.min(measured!.wasm, measured!.webgpu));
    expect(await ask("wasm.engineAtPlay.name")).toBe(name);
  });
});
