// An engine of one's own: the plain step, one sample after the other, forward only. What it cannot do it declines in one
// sentence, and whoever chose it takes another. `engine.test.mjs` proves it: npx vitest run examples/ownEngine
import { checkRequest, fireMask, needOf, planeOf, stepForward, updateNoise } from "neoblast";

/** Milliseconds of work after which others have their turn, and an abort is seen. */
const SLICE = 20;
const DISPOSED = "the state was disposed of";
const DECLINED = {
  record: "this engine has no backward pass",
  graft: "this engine runs one model on a grid",
  compare: "this engine does not compare states with pictures",
};

/** A state that belongs to one engine. `values` has shape (H, W, C) and is never changed. */
class OwnState {
  #values;

  constructor(owner, rule, grid, values) {
    Object.assign(this, { owner, rule, grid, channels: rule.channels });
    this.#values = values;
  }

  get values() {
    if (!this.#values) throw new Error(DISPOSED);
    return this.#values;
  }

  async read() {
    return this.values.slice();
  }

  async readWindow() {
    return { ...wholeOf(this.grid), data: this.values.slice(), livingCells: this.#countLiving() };
  }

  async stats() {
    return { box: wholeOf(this.grid), livingCells: this.#countLiving() };
  }

  #countLiving() {
    const { values, rule } = this;
    const { mask, channel, threshold } = rule.alive;
    if (mask === "none") return values.length / rule.channels;
    let count = 0;
    for (let i = channel; i < values.length; i += rule.channels) if (values[i] > threshold) count++;
    return count;
  }

  /** One more handle on the same numbers: each handle has one owner, who disposes of it. */
  share() {
    return new OwnState(this.owner, this.rule, this.grid, this.values);
  }

  dispose() {
    this.#values = undefined;
  }
}

/** All of a grid, of any number of axes: as rows along the last. */
function wholeOf(grid) {
  const [height, width] = planeOf(grid);
  return { top: 0, left: 0, height, width };
}

function declines(_rule, need = {}) {
  const name = Object.keys(DECLINED).find((each) => need[each]);
  return name && DECLINED[name];
}

export function createOwnEngine() {
  const owner = {};
  let disposed = false;

  function valuesOf(state) {
    if (state instanceof Float32Array) return state.slice();
    if (state.owner !== owner) throw new RangeError("a state of another engine was given; read() it first");
    return state.values;
  }

  async function rollout(request) {
    if (disposed) throw new Error("the engine was disposed");
    checkRequest(request);
    const { rule, grid, seed, firstStep = 0, keep = [], signal } = request;
    const declined = declines(rule, needOf(request));
    if (declined !== undefined) throw new RangeError(declined);
    signal?.throwIfAborted();
    // Copies: what the caller changes meanwhile does not count.
    const samples = request.states.map((state, sample) => ({
      values: valuesOf(state),
      steps: typeof request.steps === "number" ? request.steps : request.steps[sample],
      keep: new Set(typeof keep === "function" ? keep(sample) : keep),
      id: request.sampleIds?.[sample] ?? sample,
      input: request.inputs?.[sample].slice(),
      parameters: (Array.isArray(request.parameters)
        ? request.parameters[sample]
        : request.parameters
      ).slice(),
      kept: new Map(),
    }));
    let cellUpdates = 0;
    let paused = performance.now();
    const final = [];
    for (const { steps, keep: wanted, id, input, parameters, kept, ...sample } of samples) {
      let { values } = sample;
      for (let step = 0; step <= steps; step++) {
        if (wanted.has(step)) kept.set(step, new OwnState(owner, rule, grid, values));
        if (step === steps) break;
        const fired = fireMask(rule, grid, seed, id, firstStep + step);
        const draw = { seed, sample: id, step: firstStep + step };
        const noise = updateNoise(values, rule, grid, draw);
        const next = stepForward({ rule, grid, parameters, input }, values, fired, noise);
        values = next.next;
        cellUpdates += next.cellUpdates;
        if (performance.now() - paused < SLICE) continue;
        await new Promise((resolve) => setTimeout(resolve));
        signal?.throwIfAborted();
        paused = performance.now();
      }
      final.push(new OwnState(owner, rule, grid, values));
    }
    return {
      final,
      kept(sample, step) {
        const state = samples[sample]?.kept.get(step);
        if (!state) throw new RangeError(`the state of sample ${sample} after step ${step} was not kept`);
        return state;
      },
      stats: async () => ({ cellUpdates, compared: [] }),
      async backward() {
        if (disposed) throw new Error("the engine was disposed");
        throw new Error("backward needs a rollout that was recorded and not disposed");
      },
      dispose: () => {},
    };
  }

  return {
    name: "own",
    build: "float32",
    declines,
    rollout,
    read: (states) => Promise.all(states.map((state) => state.readWindow())),
    dispose: async () => void (disposed = true),
  };
}
