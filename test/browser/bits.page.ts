/** What the engine test's page runs. */
import { createWasmEngine, type WasmEngineOptions } from "../../src/engine/wasm/engine.ts";
import { allBits, type Bits } from "../bits.ts";

async function computeBits(options: WasmEngineOptions): Promise<Bits> {
  const engine = await createWasmEngine(options);
  const bits = await allBits(engine);
  await engine.dispose();
  return bits;
}

Object.assign(globalThis, { computeBits });
