/** A graphics device for tests: the machine's own, or SwiftShader, which is part of Chromium and draws on the processor. */
import { findSwiftShader } from "../scripts/vulkan.mjs";
import {
  createWebgpuEngine,
  type WebgpuEngine,
  type WebgpuEngineOptions,
} from "../src/engine/webgpu/engine.ts";
import { openGpu } from "../src/node/webgpu.ts";

const swiftShader = findSwiftShader();
// Processes that a test starts inherit it.
if (swiftShader !== undefined) process.env.VK_ICD_FILENAMES ??= swiftShader;
// Where Mesa is installed, a layer of its own chooses among devices, and complains on standard error where there is no desktop.
process.env.NODEVICE_SELECT ??= "1";

const gpu = openGpu();

export async function graphicsEngine(options: Omit<WebgpuEngineOptions, "gpu"> = {}): Promise<WebgpuEngine> {
  return createWebgpuEngine({ gpu: await gpu, ...options });
}

const adapter = await gpu
  .then(async (found) => (await found.requestAdapter()) ?? "no graphics device was found")
  .catch((error: Error) => error.message);

/** Why there is none; undefined where there is. */
export const noGraphics: string | undefined = typeof adapter === "string" ? adapter : undefined;

/** Why none computes in half precision, as SwiftShader does not; undefined where one does. */
export const noHalfPrecision: string | undefined =
  typeof adapter === "string"
    ? adapter
    : adapter.features.has("shader-f16")
      ? undefined
      : "the graphics device has no shader-f16";
