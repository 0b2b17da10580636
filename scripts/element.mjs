import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const element = (path) => fileURLToPath(new URL(`../src/element/${path}`, import.meta.url));

/** What is loaded later is the file beside this one. */
const beside = {
  name: "beside",
  setup({ onResolve }) {
    onResolve({ filter: /\/webgpu\/index\.ts$/ }, ({ kind }) =>
      kind === "dynamic-import" ? { path: "./nca-canvas-webgpu.js", external: true } : undefined,
    );
  },
};

/** One minified ES module. */
async function bundle(entry) {
  const { outputFiles } = await build({
    entryPoints: [element(entry)],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    write: false,
    plugins: [beside],
  });
  return outputFiles[0].text;
}

/** The files of `<nca-canvas>` by their names: the element, kernels included, and what it loads where WebGPU is asked for. */
export async function bundleElement() {
  const [canvas, webgpu] = await Promise.all([bundle("index.ts"), bundle("webgpu/index.ts")]);
  return { "nca-canvas.js": canvas, "nca-canvas-webgpu.js": webgpu };
}
