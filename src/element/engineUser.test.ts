import { describe, expect, it } from "vitest";
import type { Engine, State } from "../engine.ts";
import { type Model } from "../model/model.ts";
import { splitRule } from "../model/pictureRule.ts";
import { picturePresets } from "../model/presets.ts";
import { parameterCount } from "../rule/parameters.ts";
import { type EngineAtPlay, Engines } from "./engines.ts";
import { EngineUser } from "./engineUser.ts";
import { Simulation } from "./simulation.ts";

const conventions = splitRule({ ...picturePresets.distill, hidden: [] });
const parameters = new Float32Array(parameterCount(conventions.rule));
const model: Model = { ...conventions, parameters, provenance: { grid: [16, 12] } };

/** Adds the steps to the first number, after some milliseconds a step. It has its states until it is lost. */
class FakeEngine implements Engine {
  readonly build = "fake";
  readonly name: string;
  readonly #cost: number;
  steps = 0;
  declined: string | undefined;
  disposed = false;
  failure: Error | undefined;
  /** The states that it has. */
  states = 0;

  constructor(name: string, cost = 0) {
    this.name = name;
    this.#cost = cost;
  }

  declines() {
    return this.declined;
  }

  rollout: Engine["rollout"] = async (request) => {
    const [given] = request.states;
    const numbers = given instanceof Float32Array ? given.slice() : await given.read();
    const steps = Number(request.steps);
    const end = performance.now() + steps * this.#cost;
    // Timers may go off a little early.
    do await new Promise((done) => setTimeout(done, end - performance.now()));
    while (performance.now() < end);
    if (this.failure) throw this.failure;
    numbers[0] += steps;
    this.steps += steps;
    return {
      final: [this.#stateOf(numbers)],
      kept: () => expect.fail("nothing is kept"),
      stats: async () => ({ cellUpdates: 0, compared: [] }),
      backward: () => Promise.reject(new Error("not recorded")),
      dispose: () => undefined,
    };
  };

  read: Engine["read"] = () => Promise.reject(new Error("nobody asks"));

  async dispose() {
    this.disposed = true;
  }

  #stateOf(numbers: Float32Array): State {
    this.states++;
    return {
      grid: [16, 12],
      channels: 16,
      read: async () => {
        if (this.failure?.message === "lost") throw this.failure;
        return numbers.slice();
      },
      readWindow: () => Promise.reject(new Error("nobody asks")),
      stats: () => Promise.reject(new Error("nobody asks")),
      share: () => this.#stateOf(numbers),
      dispose: () => void this.states--,
    };
  }
}

/** A page with both engines, and one automaton at play on it. */
function page({ wasm = new FakeEngine("wasm"), webgpu = new FakeEngine("webgpu") } = {}) {
  let lose!: (message: string) => void;
  const lost = new Promise<string>((resolve) => (lose = resolve));
  const engines = new Engines(async () => wasm);
  engines.graphics = async () => ({
    engine: webgpu,
    lost,
    painter: () => expect.fail("nothing is drawn"),
    dispose: () => webgpu.dispose(),
  });
  const seats: EngineAtPlay[] = [];
  const errors: unknown[] = [];
  const user = new EngineUser(engines, {
    onSeat: ({ atPlay }) => void seats.push(atPlay),
    onError: (error) => void errors.push(error),
  });
  const simulation: Simulation = new Simulation({
    model,
    onError: (error) => void (user.mends(simulation, error) || errors.push(error)),
  });
  /** Makes a step, and waits for it. */
  const step = async () => {
    simulation.step();
    await simulation.frame();
  };
  /** Attaches while the automaton is seen. */
  const attach: EngineUser["attach"] = async (...given) => {
    const frames = setInterval(() => void simulation.frame(), 1);
    await user.attach(...given).finally(() => clearInterval(frames));
  };
  const seated = (count: number) => expect.poll(() => seats.length, { interval: 1 }).toBe(count);
  return { wasm, webgpu, lose, engines, user, simulation, seats, errors, step, attach, seated };
}

const first = async (simulation: Simulation) => (await simulation.read())[0];

describe("EngineUser", () => {
  it("gives Wasm unless something else is wanted", async () => {
    const { user, simulation, seats, wasm } = page();
    await user.attach(simulation);
    expect(seats).toEqual([{ name: "wasm", build: "fake" }]);
    expect(simulation.engine).toBe(wasm);
  });

  it("gives WebGPU where it is wanted; the state goes over, and back at the end", async () => {
    const { user, simulation, seats, wasm, webgpu, step } = page();
    await user.attach(simulation);
    await step();
    await user.attach(simulation, "webgpu");
    expect(seats.at(-1)).toEqual({ name: "webgpu", build: "fake" });
    await step();
    await step();
    expect([wasm.steps, webgpu.steps]).toEqual([1, 2]);
    expect(simulation.steps).toBe(3);
    expect(await first(simulation)).toBe(3);
    await expect.poll(() => wasm.disposed).toBe(true);
    expect(webgpu.states).toBe(1);
    await user.detach(simulation);
    await expect.poll(() => webgpu.disposed).toBe(true);
    expect(webgpu.states).toBe(0);
    expect(await first(simulation)).toBe(3);
  });

  it.each([
    [
      "there is none",
      async (at: ReturnType<typeof page>) => {
        at.engines.graphics = () => Promise.reject(new Error("there is no WebGPU here."));
        return "there is no WebGPU here";
      },
    ],
    ["it declines the rule", async (at: ReturnType<typeof page>) => (at.webgpu.declined = "it is too wide")],
  ])("gives Wasm where %s, and says why", async (_, prepare) => {
    for (const wanted of ["webgpu", "auto"] as const) {
      const at = page();
      const message = await prepare(at);
      await at.attach(at.simulation, wanted);
      expect(at.seats.at(-1)).toEqual({ name: "wasm", build: "fake", message });
      expect(at.simulation.engine).toBe(at.wasm);
      expect(at.errors).toEqual([]);
    }
  });

  it("goes on with Wasm where the device is lost: from the seeds, where nothing was read", async () => {
    const { user, simulation, seats, errors, webgpu, lose, step, seated } = page();
    await user.attach(simulation, "webgpu");
    await step();
    webgpu.failure = new Error("lost");
    lose("the graphics device was lost");
    await seated(2);
    expect(seats.at(-1)).toEqual({ name: "wasm", build: "fake", message: "the graphics device was lost" });
    expect([simulation.steps, await first(simulation), webgpu.disposed]).toEqual([0, 0, true]);
    await step();
    expect([simulation.steps, await first(simulation)]).toEqual([1, 1]);
    expect(errors).toEqual([]);
  });

  it("goes on from the last edit, where there was one, and while work is in flight", async () => {
    const webgpu = new FakeEngine("webgpu", 20);
    const { user, simulation, errors, lose, step, seated } = page({ webgpu });
    await user.attach(simulation, "webgpu");
    await step();
    simulation.erase({ x: 11, y: 15 }, { x: 11, y: 15 }, 1);
    await step();
    const work = step();
    webgpu.failure = new Error("lost");
    lose("the graphics device was lost");
    await work;
    await seated(2);
    expect([simulation.steps, await first(simulation)]).toEqual([1, 1]);
    expect(errors).toEqual([]);
  });

  it("goes on from the present state where the device only cannot make a step", async () => {
    const { user, simulation, seats, errors, webgpu, step, seated } = page();
    await user.attach(simulation, "webgpu");
    await step();
    webgpu.failure = new RangeError("there is no room");
    await step();
    await seated(2);
    expect(seats.at(-1)!.message).toBe("there is no room");
    expect([simulation.steps, await first(simulation), webgpu.disposed]).toEqual([1, 1, false]);
    expect(errors).toEqual([]);
  });

  it("reports what fails in Wasm", async () => {
    const { user, simulation, errors, wasm, step } = page();
    await user.attach(simulation);
    wasm.failure = new Error("no more");
    await step();
    expect(errors).toEqual([wasm.failure]);
  });

  it.each(["wasm", "webgpu"] as const)(
    "auto: measures once, and takes what is faster: %s",
    async (faster) => {
      const slow = faster === "wasm" ? "webgpu" : "wasm";
      const { attach, simulation, seats, engines, webgpu, errors } = page({
        [slow]: new FakeEngine(slow, 1),
      });
      await attach(simulation, "auto");
      const { measured, ...seat } = seats.at(-1)!;
      expect(seats[0]).toEqual({ name: "wasm", build: "fake" });
      expect(seat).toEqual({ name: faster, build: "fake" });
      expect(measured![slow]).toBeGreaterThanOrEqual(0.9);
      expect(measured![faster]).toBeLessThan(measured![slow]);
      // What was measured is no step of what is shown, and leaves nothing behind.
      expect([simulation.steps, await first(simulation), webgpu.states]).toEqual([0, 0, 0]);

      const { steps } = webgpu;
      const other = new EngineUser(engines, {
        onSeat: ({ atPlay }) => void seats.push(atPlay),
        onError: () => {},
      });
      await other.attach(new Simulation({ model, onError: () => {} }), "auto");
      expect(seats.at(-1)).toEqual({ ...seat, measured });
      expect(webgpu.steps).toBe(steps);
      expect(errors).toEqual([]);
    },
  );

  it("auto: measures nothing before the automaton is seen", async () => {
    const { user, simulation, seats, webgpu, seated } = page();
    void user.attach(simulation, "auto");
    await seated(1);
    await new Promise((done) => setTimeout(done, 30));
    expect([seats.length, webgpu.steps]).toEqual([1, 0]);
    await simulation.frame();
    await seated(2);
    expect(webgpu.steps).toBeGreaterThan(0);
  });

  it("plays rows by Wasm", async () => {
    const { user, seats } = page();
    await user.attach(new Simulation({ model, grid: [1, 12], onError: () => {} }), "webgpu");
    expect(seats).toEqual([{ name: "wasm", build: "fake" }]);
  });

  it("keeps the engine of an element that is moved", async () => {
    const { user, simulation, webgpu, step } = page();
    await user.attach(simulation, "webgpu");
    await step();
    const detached = user.detach(simulation);
    await user.attach(simulation, "webgpu");
    await detached;
    await new Promise((done) => setTimeout(done, 5));
    await step();
    expect([webgpu.disposed, webgpu.steps, await first(simulation)]).toEqual([false, 2, 2]);
  });

  it("frees what a simulation has on the device when another takes its place", async () => {
    const { user, simulation, webgpu, step } = page();
    await user.attach(simulation, "webgpu");
    await step();
    user.clear();
    await expect.poll(() => webgpu.states).toBe(0);
    expect(await first(simulation)).toBe(1);
  });
});
