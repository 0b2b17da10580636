/** The files of `<nca-canvas>` by their names: the element, kernels included, and what it loads where WebGPU is asked for. */
export function bundleElement(): Promise<Record<"nca-canvas.js" | "nca-canvas-webgpu.js", string>>;
