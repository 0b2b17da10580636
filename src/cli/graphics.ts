/** Graphics devices, as the command line finds them in Node. */
import type { Engine } from "../engine.ts";
import { UserError } from "../errors.ts";
import { openGpu } from "../node/webgpu.ts";

/** What a graphics device says of itself. */
export type Adapter = Readonly<{
  name: string;
  vendor: string;
  architecture: string;
  /** Whether a processor plays the device. */
  software: boolean;
  /** Whether it computes in half precision, as `webgpu-f16` does. */
  halfPrecision: boolean;
}>;

/**
 * The engine on the machine's fastest graphics device.
 *
 * @param halfPrecision as of `createWebgpuEngine`.
 * @throws UserError, one sentence, where the package webgpu, a device, or something that it must have is missing.
 */
export async function openWebgpuEngine(halfPrecision = false): Promise<Engine> {
  const gpu = await openGpu();
  const { createWebgpuEngine } = await import("../engine/webgpu/engine.ts");
  try {
    return await createWebgpuEngine({ gpu, halfPrecision });
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    throw new UserError(cause.message.split("\n", 1)[0], { cause });
  }
}

/** A device in words: its name, and what to know of it. */
export function adapterWords({ name, software, halfPrecision }: Adapter): string {
  const more = [software && "software", halfPrecision && "half precision"].filter(Boolean);
  return more.length > 0 ? `${name} (${more.join(", ")})` : name;
}

/** What WebGPU may be asked for: it lists no devices. */
const REQUESTS: readonly GPURequestAdapterOptions[] = [
  { powerPreference: "high-performance" },
  { powerPreference: "low-power" },
  { forceFallbackAdapter: true },
];

/**
 * The graphics devices that WebGPU names, that of {@link openWebgpuEngine} first; none where there are none.
 *
 * @throws UserError, one sentence, where the package webgpu is missing or does not load.
 */
export async function listAdapters(): Promise<Adapter[]> {
  const gpu = await openGpu();
  const { adapterName } = await import("../engine/webgpu/engine.ts");
  const found = new Map<string, Adapter>();
  for (const request of REQUESTS) {
    const adapter = await gpu.requestAdapter(request);
    if (!adapter) continue;
    const { vendor, architecture, device, isFallbackAdapter } = adapter.info;
    const name = adapterName(adapter);
    const key = [name, vendor, architecture, device].join("\n");
    if (found.has(key)) continue;
    const halfPrecision = adapter.features.has("shader-f16");
    found.set(key, { name, vendor, architecture, software: isFallbackAdapter, halfPrecision });
  }
  return [...found.values()];
}
