/** Draws states into textures from where they lie. */
import { DeviceState } from "../../engine/webgpu/state.ts";
import type { Readout } from "../../model/readout.ts";
import { classColour } from "../../render/classColours.ts";
import type { Colour } from "../../render/rgba.ts";
import { cellColours } from "../../render/stateSheets.ts";
import type { Simulation } from "../simulation.ts";
import { layOutTiles, sampleStride, signed } from "../tiles.ts";
import type { DeviceView } from "../views.ts";
import { type Look, LOOK_SIZE, lookBytes, MODES, PAINT_SHADER, SCALE_SHADER } from "./shader.ts";

/** Values of `GPUBufferUsage`. */
const [COPY_DST, UNIFORM, STORAGE] = [8, 64, 128];
/** Fields that a picture has at most: channels of a rule. */
const MOST_FIELDS = 64;
const PALETTES = { channels: signed.pixels, alive: pixelsOf(cellColours), picture: classPixels() } as const;

/** What is drawn, and how large: as many tiles across as down. */
export type Plan = Readonly<{
  look: Look;
  kind: DeviceView["kind"];
  tiles: number;
  width: number;
  height: number;
}>;

/** Where a state's numbers are. */
type Place = Readonly<{ buffer: GPUBuffer; first: number; stride: number }>;

/** The pipelines and small buffers that all canvases of a page share. */
export class Drawing {
  readonly device: GPUDevice;
  /** Of the textures that are drawn into. */
  readonly format: GPUTextureFormat;
  readonly #look: GPUBuffer;
  readonly #scales: GPUBuffer;
  readonly #palettes = new Map<DeviceView["kind"], GPUBuffer>();
  #paint: GPURenderPipeline | undefined;
  #measure: GPUComputePipeline | undefined;
  #uploaded: GPUBuffer | undefined;

  constructor(device: GPUDevice, format: GPUTextureFormat) {
    this.device = device;
    this.format = format;
    this.#look = device.createBuffer({ size: LOOK_SIZE, usage: UNIFORM | COPY_DST });
    this.#scales = device.createBuffer({ size: 4 * MOST_FIELDS, usage: STORAGE });
  }

  /** What a view draws of a simulation, of which this is the picture; undefined where that is larger than a texture. */
  plan({ rule, grid }: Simulation, readout: Readout, view: DeviceView): Plan | undefined {
    const shown = view.kind === "channels" ? view.channels(rule.channels) : undefined;
    const { tiles, every, rows, columns } = shown
      ? layOutTiles(grid, shown.length)
      : { tiles: 1, every: 1, rows: grid[0], columns: grid[1] };
    const [width, height] = [columns * tiles, rows * tiles];
    if (Math.max(width, height) > this.device.limits.maxTextureDimension2D) return undefined;
    const look: Look = {
      columns: grid[1],
      rows: grid[0],
      drawnColumns: columns,
      drawnRows: rows,
      every,
      tiles,
      fields: shown?.length ?? 1,
      mode: MODES[view.kind],
      first: 0,
      stride: rule.channels,
      offset: shown ? shown[0] : readout.offset,
      channels: readout.channels,
      premultiplied: Number(readout.premultiplied),
      classOffset: readout.classes?.offset ?? 0,
      classes: readout.classes?.count ?? 0,
      alive: rule.alive.channel,
      wraps: Number(rule.boundary === "wrap"),
      sampleStride: sampleStride(grid, shown?.length ?? 1),
      threshold: rule.alive.threshold,
    };
    return { look, kind: view.kind, tiles, width, height };
  }

  /** Draws a state by a plan. Whatever is done to the state later is done later on the device, too. */
  draw(state: Simulation["held"], { look, kind }: Plan, target: GPUTexture): void {
    const { device } = this;
    const { buffer, first, stride } = this.#placeOf(state, look);
    device.queue.writeBuffer(this.#look, 0, lookBytes({ ...look, first, stride }));
    const encoder = device.createCommandEncoder();
    const group = (pipeline: GPUComputePipeline | GPURenderPipeline, buffers: readonly GPUBuffer[]) =>
      device.createBindGroup({
        layout: pipeline.getBindGroupLayout(0),
        entries: buffers.map((each, binding) => ({ binding, resource: { buffer: each } })),
      });
    if (kind === "channels") {
      this.#measure ??= device.createComputePipeline({
        layout: "auto",
        compute: { module: device.createShaderModule({ code: SCALE_SHADER }) },
      });
      const pass = encoder.beginComputePass();
      pass.setPipeline(this.#measure);
      pass.setBindGroup(0, group(this.#measure, [this.#look, buffer, this.#scales]));
      pass.dispatchWorkgroups(look.fields);
      pass.end();
    }
    this.#paint ??= this.#paintPipeline();
    const pass = encoder.beginRenderPass({
      colorAttachments: [{ view: target.createView(), loadOp: "clear", storeOp: "store" }],
    });
    pass.setPipeline(this.#paint);
    pass.setBindGroup(0, group(this.#paint, [this.#look, buffer, this.#scales, this.#palette(kind)]));
    pass.draw(3);
    pass.end();
    device.queue.submit([encoder.finish()]);
  }

  #placeOf(state: Simulation["held"], { columns, rows }: Look): Place {
    if (state instanceof DeviceState) {
      const { buffer, offset, size } = state.extract;
      return { buffer, first: offset / 4, stride: size / 4 / (columns * rows) };
    }
    if (!(state instanceof Float32Array)) throw new Error("the state lies elsewhere");
    const { byteLength } = state;
    if (!this.#uploaded || this.#uploaded.size < byteLength) {
      this.#uploaded?.destroy();
      this.#uploaded = this.device.createBuffer({ size: byteLength, usage: STORAGE | COPY_DST });
    }
    this.device.queue.writeBuffer(this.#uploaded, 0, state.buffer, state.byteOffset, byteLength);
    return { buffer: this.#uploaded, first: 0, stride: state.length / (columns * rows) };
  }

  #paintPipeline(): GPURenderPipeline {
    const module = this.device.createShaderModule({ code: PAINT_SHADER });
    return this.device.createRenderPipeline({
      layout: "auto",
      vertex: { module },
      fragment: { module, targets: [{ format: this.format }] },
    });
  }

  #palette(kind: DeviceView["kind"]): GPUBuffer {
    const known = this.#palettes.get(kind);
    if (known) return known;
    const pixels = PALETTES[kind];
    const palette = this.device.createBuffer({ size: pixels.byteLength, usage: STORAGE | COPY_DST });
    this.device.queue.writeBuffer(palette, 0, pixels);
    this.#palettes.set(kind, palette);
    return palette;
  }
}

/** Colours, opaque, as pixels. */
function pixelsOf(colours: readonly Colour[]): Uint32Array<ArrayBuffer> {
  return new Uint32Array(Uint8Array.from(colours.flatMap((colour) => [...colour, 255])).buffer);
}

function classPixels(): Uint32Array<ArrayBuffer> {
  return pixelsOf(Array.from({ length: MOST_FIELDS }, (_, n) => classColour(n)));
}
