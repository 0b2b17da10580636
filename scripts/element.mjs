import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** `<nca-canvas>` as one minified ES module, kernels included: what `nca-canvas.js` holds. */
export async function bundleElement() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("../src/element/index.ts", import.meta.url))],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    write: false,
  });
  return outputFiles[0].text;
}
