/** What a graphics device draws of a state is what the views of `<nca-canvas>` draw of it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Drawing } from "../src/element/webgpu/drawing.ts";
import { Simulation } from "../src/element/simulation.ts";
import { picture, type View, views } from "../src/element/views.ts";
import type { WebgpuEngine } from "../src/engine/webgpu/engine.ts";
import type { Model } from "../src/model/model.ts";
import { splitRule } from "../src/model/pictureRule.ts";
import { picturePresets } from "../src/model/presets.ts";
import { type Readout, shownReadout } from "../src/model/readout.ts";
import { parameterCount } from "../src/rule/parameters.ts";
import type { Plane } from "../src/rule/grid.ts";
import { graphicsEngine, noGraphics } from "./graphics.ts";

/** Values of `GPUTextureUsage`, `GPUBufferUsage` and `GPUMapMode`. */
const [COPY_SRC, RENDER_ATTACHMENT] = [1, 16];
const [MAP_READ, COPY_DST, READ] = [1, 8, 1];

const base = splitRule({ ...picturePresets.distill, hidden: [] });

function modelOf(readout: Readout | null, rule = base.rule): Model {
  return {
    ...base,
    rule,
    readout,
    parameters: new Float32Array(parameterCount(rule)),
    provenance: { grid: [8, 8] },
  };
}

/** Numbers of all kinds: within 0 to 1 and beyond, zeros, and what is none. */
function stateOf([height, width]: Plane, channels: number): Float32Array {
  let seed = 1;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  const state = Float32Array.from({ length: height * width * channels }, () =>
    random() < 0.2 ? 0 : 2 * random() - 0.4,
  );
  // A cell in ten is empty, and a few have numbers that no picture can have.
  for (let n = 0; n < height * width; n += 10) state.fill(0, n * channels, (n + 1) * channels);
  for (const [i, odd] of [NaN, Infinity, -Infinity, 1e-40].entries()) {
    state.fill(odd, (7 + i) * channels, (7 + i) * channels + 5);
  }
  return state;
}

/** What a view draws, colours multiplied by alpha. */
function expected(simulation: Simulation, view: View, state: Float32Array): number[] {
  const { data } = view(state, simulation.rule, simulation.grid, simulation);
  return Array.from(data, (byte, i) => (i % 4 === 3 ? byte : Math.round((byte * data[i | 3]) / 255)));
}

describe.skipIf(noGraphics !== undefined)(
  `views on a graphics device${noGraphics ? `: ${noGraphics}` : ""}`,
  () => {
    let engine: WebgpuEngine;
    let drawing: Drawing;
    beforeAll(async () => {
      engine = await graphicsEngine();
      drawing = new Drawing(engine.device, "rgba8unorm");
    });
    afterAll(() => engine.dispose());

    async function drawn(simulation: Simulation, view: View, held: Simulation["held"]): Promise<number[]> {
      const plan = drawing.plan(simulation, shownReadout(simulation), view.onDevice!)!;
      const { device } = engine;
      const { width, height } = plan;
      const size = { width, height };
      const usage = COPY_SRC | RENDER_ATTACHMENT;
      const texture = device.createTexture({ size, format: "rgba8unorm", usage });
      drawing.draw(held, plan, texture);
      const bytesPerRow = Math.ceil((4 * width) / 256) * 256;
      const buffer = device.createBuffer({ size: bytesPerRow * height, usage: MAP_READ | COPY_DST });
      const encoder = device.createCommandEncoder();
      encoder.copyTextureToBuffer({ texture }, { buffer, bytesPerRow }, size);
      device.queue.submit([encoder.finish()]);
      await buffer.mapAsync(READ);
      const bytes = new Uint8Array(buffer.getMappedRange()).slice();
      return Array.from({ length: height }, (_, y) => [
        ...bytes.subarray(y * bytesPerRow, y * bytesPerRow + 4 * width),
      ]).flat();
    }

    /** Bytes that differ by more than 1, of both lists. */
    function differing(
      simulation: Simulation,
      view: View,
      state: Float32Array,
      held: Simulation["held"] = state,
    ) {
      return drawn(simulation, view, held).then((bytes) => {
        const wanted = expected(simulation, view, state);
        expect(bytes.length).toBe(wanted.length);
        return bytes.flatMap((byte, i) => (Math.abs(byte - wanted[i]) > 1 ? [[i, byte, wanted[i]]] : []));
      });
    }

    const wide = { ...base.rule, boundary: "wrap" as const, channels: 18 };
    const readouts: Record<string, Readout | null> = {
      "multiplied by alpha": { offset: 0, channels: 4, premultiplied: true },
      "not multiplied": { offset: 5, channels: 4, premultiplied: false },
      "without alpha": { offset: 2, channels: 3, premultiplied: false },
      grey: { offset: 1, channels: 1, premultiplied: false },
      classes: { offset: 0, channels: 1, premultiplied: false, classes: { offset: 4, count: 12 } },
      "classes with alpha": { offset: 0, channels: 4, premultiplied: true, classes: { offset: 4, count: 3 } },
      none: null,
    };
    it.each(Object.keys(readouts))("picture: %s", async (name) => {
      const grid = [11, 17] as const;
      const simulation = new Simulation({ model: modelOf(readouts[name]), grid, onError: () => {} });
      expect(await differing(simulation, picture, stateOf(grid, base.rule.channels))).toEqual([]);
    });

    it.each(["zero", "wrap"] as const)("cells, with the boundary %s", async (boundary) => {
      const grid = [9, 14] as const;
      const rule = { ...base.rule, boundary, alive: { ...base.rule.alive, threshold: 1.2 } };
      const simulation = new Simulation({ model: modelOf(null, rule), grid, onError: () => {} });
      const state = stateOf(grid, rule.channels);
      // In a corner, so that its neighbours are beyond the edges.
      state[rule.alive.channel] = 2;
      const colours = expected(simulation, views["alive"](""), state);
      expect(new Set(colours.filter((_, i) => i % 4 === 0)).size).toBe(3);
      expect(await differing(simulation, views["alive"](""), state)).toEqual([]);
    });

    // 48 x 90 cells x 18 channels are more numbers than are sampled.
    it.each(["", "3", "17"])("channels: %s", async (argument) => {
      const grid = [48, 90] as const;
      const simulation = new Simulation({ model: modelOf(null, wide), grid, onError: () => {} });
      const state = stateOf(grid, wide.channels);
      for (let i = 5; i < state.length; i += wide.channels) state[i] = 0;
      const wrong = await differing(simulation, views["channels"](argument), state);
      // A number that lies between two colours of the scale, but for its last bit.
      expect(wrong.length).toBeLessThanOrEqual(6);
    });

    it("a state that lies on the device, whose cells are padded", async () => {
      const grid = [8, 8] as const;
      const simulation = new Simulation({ model: modelOf(null, wide), grid, onError: () => {} });
      const state = stateOf(grid, wide.channels).map((value) => (Math.abs(value) < 2 ? value : 0));
      const { final } = await engine.rollout(simulation.request(state, 0));
      const { counts } = engine;
      const { bytesRead } = counts;
      const wrong = await differing(simulation, views["channels"]("17"), state, final[0]);
      expect(wrong).toEqual([]);
      expect(counts.bytesRead).toBe(bytesRead);
    });

    it("declines what is larger than a texture", () => {
      const { maxTextureDimension2D: most } = engine.device.limits;
      const simulation = new Simulation({ model: modelOf(null), grid: [2, most + 1], onError: () => {} });
      expect(drawing.plan(simulation, shownReadout(simulation), picture.onDevice!)).toBeUndefined();
    });
  },
);
