/** `<nca-canvas>` as one minified ES module, kernels included: what `nca-canvas.js` holds. */
export function bundleElement(): Promise<string>;
