/** Which of two engines makes the steps of a model faster, found by making some. */
import type { Engine, State } from "../engine.ts";
import { disposeStates } from "../engine/states.ts";
import type { Measured } from "./engines.ts";
import type { Simulation } from "./simulation.ts";

/** Steps in one piece: as many as are due in some frames. */
const STEPS = 8;
/** Steps after which a model has about grown, and milliseconds that this may take: engines may skip cells that are empty. */
const GROWN = 64;
const MOST_GROWING = 300;
/** How often each engine is timed. */
const TURNS = 5;

/**
 * Times both engines on a model that has grown for a while, by turns, each from a state of its own. The shortest time counts:
 * what else the machine does only adds to it.
 *
 * @param clock milliseconds.
 */
export async function timeSteps(
  simulation: Simulation,
  engines: Readonly<Record<keyof Measured, Engine>>,
  clock: () => number = () => performance.now(),
): Promise<Measured> {
  let state: Float32Array | State = await simulation.read();
  const advance = async (engine: Engine, from: Float32Array | State) => {
    const { final } = await engine.rollout(simulation.request(from, STEPS));
    return final[0];
  };
  const { wasm, webgpu } = engines;
  // The first piece also compiles.
  state = await advance(webgpu, state);
  const until = clock() + MOST_GROWING;
  for (let steps = STEPS; steps < GROWN && clock() < until; steps += STEPS) {
    const next = await advance(webgpu, state);
    disposeStates([state]);
    state = next;
  }
  const numbers = await state.read();
  const onWasm = await advance(wasm, numbers);
  const best = { wasm: Infinity, webgpu: Infinity };
  const time = async (name: keyof Measured, from: State) => {
    const begin = clock();
    const made = await advance(engines[name], from);
    best[name] = Math.min(best[name], (clock() - begin) / STEPS);
    disposeStates([made]);
  };
  for (let turn = 0; turn < TURNS; turn++) {
    await time("wasm", onWasm);
    await time("webgpu", state);
  }
  disposeStates([state, onWasm]);
  return best;
}
