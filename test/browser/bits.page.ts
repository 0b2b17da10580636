/** What the engine test's page runs. */
import { createWasmEngine, type WasmEngineOptions } from "../../src/engine/wasm/engine.ts";
import { automatonBits, type Bits, networkBits } from "../bits.ts";

const bitsOf = { automaton: automatonBits, networks: networkBits };

/** Which bits to compute: of the automaton alone, of networks beside it. */
export type Parts = readonly (keyof typeof bitsOf)[];

async function computeBits(options: WasmEngineOptions, parts: Parts): Promise<Bits> {
  const engine = await createWasmEngine(options);
  const bits: Bits = {};
  for (const part of parts) Object.assign(bits, await bitsOf[part](engine));
  await engine.dispose();
  return bits;
}

Object.assign(globalThis, { computeBits });
