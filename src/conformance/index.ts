/**
 * The conformance suite, for engines from outside the package: an engine that passes it may take the place of any other.
 * To be imported in a test file of Vitest; needs `vitest` and `fast-check` beside this package.
 */
export { FLOAT32, type Tolerance } from "./compare.ts";
export { DOUBLE_SUM } from "./comparison.ts";
export { type ConformanceOptions, conformance } from "./suite.ts";
