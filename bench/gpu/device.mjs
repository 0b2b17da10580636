// The graphics card of `bench/gpu.mjs`: whether there is one that our engine runs on, what it is called, engines on it.
import { execFileSync } from "node:child_process";
import * as library from "../../dist/index.js";
import * as node from "../../dist/node/index.js";

/** Where there are two, the one that is not there to save power. */
const CHOICE = { powerPreference: "high-performance" };

/**
 * @param engine "webgpu", or "wasm": our engine on the processor, to try the script where there is no card.
 * @returns `reason`: why there is nothing to measure; or `adapter`: what it says of itself, `createEngine`, which takes more
 *   options of `createWebgpuEngine`, and `requestDevice`, undefined for "wasm".
 */
export async function openDevice(engine, threads) {
  if (engine === "wasm") {
    return {
      adapter: { description: "no graphics card" },
      createEngine: () => node.createEngine({ threads }),
    };
  }
  if (!library.createWebgpuEngine || !node.openGpu) return { reason: "this build has no WebGPU engine" };
  let gpu;
  let adapter;
  try {
    gpu = await node.openGpu();
    adapter = await gpu.requestAdapter(CHOICE);
  } catch (error) {
    return { reason: error.message };
  }
  if (!adapter) return { reason: "WebGPU finds no adapter on this machine" };
  // An adapter gives one device.
  const another = () => gpu.requestAdapter(CHOICE);
  return {
    adapter: describeAdapter(adapter),
    createEngine: async (options) =>
      library.createWebgpuEngine({ gpu, adapter: await another(), ...options }),
    requestDevice: async () => (await another()).requestDevice(),
  };
}

function describeAdapter({ info, features, limits }) {
  const { vendor, architecture, device, description } = info;
  return {
    vendor,
    architecture,
    device,
    description,
    features: [...features].filter((name) => /subgroup|f16|timestamp/.test(name)),
    workgroupStorage: limits.maxComputeWorkgroupStorageSize,
    driver: nvidiaDriver(),
  };
}

/** What NVIDIA's own program says of its cards: name, driver, memory. */
function nvidiaDriver() {
  try {
    const words = ["--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"];
    const options = { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], timeout: 10_000 };
    return execFileSync("nvidia-smi", words, options).trim().split("\n").join("; ");
  } catch {
    return undefined;
  }
}

export function formatAdapter({ vendor, architecture, device, description, driver, features = [] }) {
  const words = [device || description, device && description, vendor, architecture].filter(Boolean);
  return [[...new Set(words)].join(", "), driver && `driver: ${driver}`, features.join(", ")]
    .filter(Boolean)
    .join("; ");
}
