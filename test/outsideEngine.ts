/** An engine as somebody outside the package would add one: of nothing but what the package exports. */
import {
  type Engine,
  type Need,
  type Rollout,
  type RolloutRequest,
  type State,
  type StateReading,
  type StateStats,
  needOf,
  referenceEngine,
} from "../src/index.ts";

/** States of an engine that nobody has disposed of yet. */
type Held = Set<State>;

class OutsideState implements State {
  readonly inner: State;
  readonly #held: Held;

  constructor(inner: State, held: Held) {
    this.inner = inner;
    this.#held = held;
    held.add(this);
  }

  get grid() {
    return this.inner.grid;
  }

  get channels(): number {
    return this.inner.channels;
  }

  read(): Promise<Float32Array> {
    return this.inner.read();
  }

  readWindow(): Promise<StateReading> {
    return this.inner.readWindow();
  }

  stats(): Promise<StateStats> {
    return this.inner.stats();
  }

  share(): OutsideState {
    return new OutsideState(this.inner.share(), this.#held);
  }

  dispose(): void {
    this.#held.delete(this);
    this.inner.dispose();
  }
}

function innerOf(state: State): State {
  if (state instanceof OutsideState) return state.inner;
  throw new RangeError("a state of another engine was given; read() it first");
}

export type OutsideEngine = Engine & Readonly<{ held: Held }>;

/**
 * The reference engine in a shell of its own, which tells which states are held.
 *
 * @param declined what it declines, and why.
 */
export function outsideEngine(declined: Partial<Record<keyof Need, string>> = {}): OutsideEngine {
  const engine = referenceEngine();
  const held: Held = new Set();
  const declines: Engine["declines"] = (_rule, need = {}) => {
    const names = ["record", "graft", "compare", "keep"] as const;
    const first = names.find((name) => need[name] && declined[name] !== undefined);
    return first && declined[first];
  };
  const shellOf = (rollout: Rollout): Rollout => {
    const kept = new Map<State, State>();
    return {
      final: rollout.final.map((state) => new OutsideState(state, held)),
      kept(sample, step) {
        const inner = rollout.kept(sample, step);
        const state = kept.get(inner) ?? new OutsideState(inner, held);
        kept.set(inner, state);
        return state;
      },
      stats: () => rollout.stats(),
      backward: (request) => rollout.backward(request),
      dispose: () => rollout.dispose(),
    };
  };
  return {
    name: "outside",
    build: "float32",
    held,
    declines,
    async rollout(request: RolloutRequest) {
      const sentence = declines(request.rule, needOf(request));
      if (sentence !== undefined) throw new RangeError(sentence);
      const states = request.states.map((state) => (state instanceof Float32Array ? state : innerOf(state)));
      return shellOf(await engine.rollout({ ...request, states }));
    },
    read: async (states) => engine.read(states.map(innerOf)),
    dispose: () => engine.dispose(),
  };
}
