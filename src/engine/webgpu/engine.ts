import type { Engine, Need, Rollout, RolloutRequest, State, StateReading } from "../../engine.ts";
import { perceiveName } from "../../rule/parts/perceive.ts";
import type { Rule } from "../../rule/rule.ts";
import { checkRequest } from "../request.ts";
import { unpadState } from "./plan.ts";
import { Pace } from "./commands.ts";
import { Device, type DeviceCounts } from "./device.ts";
import type { Tuning } from "./layout.ts";
import { Fields } from "./fields.ts";
import { deviceKind } from "./perceive/kinds.ts";
import { fitsWorkgroup } from "./plan.ts";
import { MOST_STORAGE_BUFFERS, Programs } from "./program.ts";
import type { Context } from "./context.ts";
import { DeviceRollout } from "./rollout.ts";
import { DeviceState } from "./state.ts";

export { DeviceError, DeviceLostError } from "./device.ts";

/** Settings of `createWebgpuEngine`. */
export type WebgpuEngineOptions = Readonly<{
  /** Where adapters are asked for; default: the page's `navigator.gpu`. */
  gpu?: GPU;
  /** The adapter to use; default: the one that `gpu` has for `powerPreference`. */
  adapter?: GPUAdapter;
  /** Default "high-performance". */
  powerPreference?: GPUPowerPreference;
  /** Bytes that the states of a recorded rollout may take before steps are computed again instead; default 1 GiB. */
  memoryBudget?: number;
  /** Bytes of workgroup memory that shaders may use, of those that the device has; default: at most 32 KiB, less in software. */
  workgroupBytes?: number;
  /** How many inputs of a product, or taps, a shader reads before it uses them: 1, 2 or 4. Default 4; in software, which compiles slowly, 1. */
  unroll?: 1 | 2 | 4;
  /**
   * Whether the network's layers are computed in half precision (`shader-f16`), where it is faster on a device: numbers below
   * 65,504, and off by about a thousandth of what is added up. States stay in single precision; there are no gradients. Default
   * false.
   */
  halfPrecision?: boolean;
}>;

/** An engine on a graphics device, and what is known of that. */
export type WebgpuEngine = Engine & Readonly<{ device: GPUDevice; counts: DeviceCounts }>;

const NO_WEBGPU =
  "there is no WebGPU here: a current Chrome, Edge, Firefox or Safari has it, in secure pages";
const HALF = "shader-f16";
const NO_ADAPTER = "WebGPU found no graphics device, or is not allowed to use it";

/**
 * The engine for graphics devices: a step is a shader that evaluates the cells that fire and can matter, and one that masks
 * (`engine/webgpu/README.md`). A device repeats its own bits; others round differently.
 *
 * @throws Error, one sentence, where there is no WebGPU, no adapter, or the adapter does not do; RangeError for a budget that
 *   is none.
 */
export async function createWebgpuEngine({
  gpu = globalThis.navigator?.gpu,
  adapter: given,
  powerPreference = "high-performance",
  memoryBudget = 2 ** 30,
  workgroupBytes,
  unroll,
  halfPrecision = false,
}: WebgpuEngineOptions = {}): Promise<WebgpuEngine> {
  if (!(memoryBudget > 0))
    throw new RangeError(`memoryBudget must be a positive number of bytes, not ${memoryBudget}`);
  if (!gpu && !given) throw new Error(NO_WEBGPU);
  const adapter = given ?? (await gpu?.requestAdapter({ powerPreference }));
  if (!adapter) throw new Error(NO_ADAPTER);
  const { limits } = adapter;
  if (limits.maxStorageBuffersPerShaderStage < MOST_STORAGE_BUFFERS) {
    throw new Error(
      `the graphics device binds ${limits.maxStorageBuffersPerShaderStage} storage buffers at once, and ${MOST_STORAGE_BUFFERS} are needed`,
    );
  }
  if (halfPrecision && !adapter.features.has(HALF)) {
    throw new Error("the graphics device does not compute in half precision (shader-f16)");
  }
  const gpuDevice = await adapter.requestDevice({
    requiredFeatures: halfPrecision ? [HALF] : [],
    requiredLimits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
    },
  });
  const asked = {
    ...(workgroupBytes && { workgroupBytes }),
    ...(unroll && { unroll }),
    precision: halfPrecision ? ("f16" as const) : ("f32" as const),
  };
  return new DeviceEngine(gpuDevice, adapter, memoryBudget, asked);
}

/**
 * What is assumed of an adapter: how shaders are best written for it, and floating-point operations a second before any were
 * timed. Software compiles what empties workgroup memory number by number, which takes minutes for all of it.
 */
function assumed(adapter: GPUAdapter): Omit<Tuning, "precision"> & { rate: number } {
  const most = adapter.limits.maxComputeWorkgroupStorageSize;
  const software = adapter.info.isFallbackAdapter || /swiftshader|llvmpipe/i.test(adapterName(adapter));
  return software
    ? { workgroupBytes: Math.min(6144, most), unroll: 1, rate: 1e8 }
    : { workgroupBytes: Math.min(32768, most), unroll: 4, rate: 2e11 };
}

/** Bytes of constants of a perception: every device binds 64 KiB at least, some of it for other numbers. */
const MOST_CONSTANTS = 65536 - 1024;

/** What an adapter is called, in a few words. */
export function adapterName({ info }: GPUAdapter): string {
  return info.description || [info.vendor, info.architecture].filter(Boolean).join(" ") || "unknown";
}

class DeviceEngine implements WebgpuEngine {
  readonly name: string;
  readonly build: string;
  readonly #context: Context;
  readonly #tuning: Tuning;
  #disposed = false;

  constructor(
    gpuDevice: GPUDevice,
    adapter: GPUAdapter,
    memoryBudget: number,
    asked: Pick<Tuning, "precision"> & Partial<Tuning>,
  ) {
    const isHalf = asked.precision === "f16";
    this.name = isHalf ? "webgpu-f16" : "webgpu";
    this.build = `float32${isHalf ? " with float16 layers" : ""} on ${adapterName(adapter)}`;
    const { rate, ...usual } = assumed(adapter);
    const most = gpuDevice.limits.maxComputeWorkgroupStorageSize;
    const tuning = { ...usual, ...asked };
    this.#tuning = { ...tuning, workgroupBytes: Math.min(tuning.workgroupBytes, most) };
    const device = new Device(gpuDevice);
    const programs = new Programs(device, this.#tuning);
    this.#context = { device, programs, fields: new Fields(device), pace: new Pace(rate), memoryBudget };
  }

  get device(): GPUDevice {
    return this.#context.device.gpu;
  }

  get counts(): DeviceCounts {
    return this.#context.device.counts;
  }

  declines(rule: Rule, { record = false }: Need = {}): string | undefined {
    if (record && this.#tuning.precision === "f16") return "half precision has no gradients";
    if (!deviceKind(rule)) {
      return `the ${this.name} engine has no shaders for a perception of the kind ${perceiveName(rule)}`;
    }
    if (deviceKind(rule)!.constants(rule).byteLength > MOST_CONSTANTS) {
      return "the perception of this rule looks at too many cells for the graphics device";
    }
    const fits = fitsWorkgroup(rule, this.#tuning);
    if (fits.forward && (fits.backward || !record)) return undefined;
    return `the layers of this rule are too wide for the workgroup memory of the graphics device${fits.forward ? " in training" : ""}`;
  }

  async rollout(request: RolloutRequest): Promise<Rollout> {
    this.#refuseIfDisposed();
    const declined = this.declines(request.rule, { record: request.record ?? false });
    if (declined !== undefined) throw new RangeError(declined);
    checkRequest(request);
    request.signal?.throwIfAborted();
    for (const state of request.states) if (!(state instanceof Float32Array)) void this.#own(state).extract;
    if (request.states.length === 0) return emptyRollout();
    const rollout = new DeviceRollout(this.#context, request, () => this.#refuseIfDisposed());
    await rollout.run();
    return rollout;
  }

  async read(states: readonly State[]): Promise<StateReading[]> {
    const own = states.map((state) => this.#own(state));
    const parts = await this.#context.device.read(own.map(({ extract }) => extract));
    return own.map((state, i) => state.readingOf(unpadState(state.channels, new Float32Array(parts[i]))));
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#context.device.close(new Error("the engine was disposed"));
  }

  #refuseIfDisposed(): void {
    if (this.#disposed) throw new Error("the engine was disposed");
    this.#context.device.check();
  }

  #own(state: State): DeviceState {
    if (state instanceof DeviceState && state.device === this.#context.device) return state;
    throw new RangeError("a state of another engine was given; read() it first");
  }
}

/** The rollout of no samples. */
function emptyRollout(): Rollout {
  return {
    final: [],
    kept(sample, step) {
      throw new RangeError(`the state of sample ${sample} after step ${step} was not kept`);
    },
    stats: () => Promise.resolve({ cellUpdates: 0, compared: [] }),
    backward: () => Promise.reject(new RangeError("backward needs at least one cotangent")),
    dispose() {},
  };
}
