import type { Engine } from "../engine.ts";
import type { EngineAtPlay, EngineName, Engines, Measured } from "./engines.ts";
import type { Graphics } from "./graphics.ts";
import { Lease } from "./shared.ts";
import type { Simulation } from "./simulation.ts";
import { timeSteps } from "./trial.ts";

/** What plays, and the graphics device, if it is one. */
export type Seat = Readonly<{ atPlay: EngineAtPlay; graphics: Graphics | undefined }>;

export type EngineUserOptions = Readonly<{
  /** Called when an engine begins to play, and when engines were measured. */
  onSeat?: (seat: Seat) => void;
  /** Called where an engine has failed and no other can take its place. */
  onError: (error: unknown) => void;
}>;

/** One user of the engines of a page, from `attach` to `detach`: gives simulations the engine that is wanted, or another. */
export class EngineUser {
  readonly #engines: Engines;
  readonly #options: EngineUserOptions;
  readonly #wasm: Lease<Engine>;
  readonly #webgpu: Lease<Graphics>;
  /** What is done in turn ends where a later turn has begun. */
  #turn = 0;
  #simulation: Simulation | undefined;
  #graphics: Graphics | undefined;
  #recovering = false;

  constructor(engines: Engines, options: EngineUserOptions) {
    this.#engines = engines;
    this.#options = options;
    this.#wasm = new Lease(engines.wasm);
    this.#webgpu = new Lease(engines.webgpu);
  }

  /**
   * Gives a simulation an engine, and later another where that proves faster, unless `attach` or `detach` is called first.
   *
   * @throws Error, a sentence, where the browser can run none.
   */
  async attach(simulation: Simulation, wanted: EngineName = "wasm"): Promise<void> {
    const turn = ++this.#turn;
    const measured = wanted === "auto" ? this.#engines.measuredOf(simulation) : undefined;
    // What shows a row of cells with its last steps reads all of them.
    const name = simulation.hasHistory ? "wasm" : measured ? fasterOf(measured) : wanted;
    if (name === "webgpu") return this.#sitOnWebgpu(turn, simulation, measured);
    await this.#sitOnWasm(turn, simulation, measured && { measured });
    if (name === "auto") await this.#measure(turn, simulation);
  }

  /** Stops using engines. @param simulation what has one, and keeps its state. */
  async detach(simulation: Simulation | undefined): Promise<void> {
    this.#turn++;
    this.#simulation = undefined;
    this.#graphics = undefined;
    const leave = [this.#wasm.leave(), this.#webgpu.leave()];
    try {
      if (simulation) await release(simulation);
    } finally {
      for (const each of leave) each();
    }
  }

  /** Forgets the simulation. What it has on a graphics device is freed there; its state stays. */
  clear(): void {
    this.#turn++;
    if (this.#simulation && this.#graphics) void release(this.#simulation);
    this.#simulation = undefined;
    this.#graphics = undefined;
  }

  /** Whether a failure is made good by another engine: that of the graphics device is. */
  mends(simulation: Simulation, error: unknown): boolean {
    if (simulation !== this.#simulation) return false;
    if (this.#graphics) this.#fallBack(simulation, messageOf(error), !(error instanceof RangeError));
    return this.#recovering;
  }

  async #sitOnWasm(turn: number, simulation: Simulation, more: Partial<EngineAtPlay> = {}): Promise<void> {
    const engine = await this.#wasm.take();
    await this.#sit(turn, simulation, engine, undefined, { name: "wasm", build: engine.build, ...more });
    if (turn === this.#turn) this.#webgpu.leave()();
  }

  async #sitOnWebgpu(turn: number, simulation: Simulation, measured?: Measured): Promise<void> {
    try {
      const graphics = await this.#webgpu.take();
      const { engine } = graphics;
      const declined = engine.declines(simulation.rule, { graft: simulation.graft !== undefined });
      if (declined !== undefined) throw new Error(declined);
      const atPlay = { name: "webgpu", build: engine.build, ...(measured && { measured }) } as const;
      await this.#sit(turn, simulation, engine, graphics, atPlay);
      if (turn !== this.#turn) return;
      this.#wasm.leave()();
      void graphics.lost.then((message) => {
        if (this.#graphics === graphics && this.#simulation === simulation)
          this.#fallBack(simulation, message, true);
      });
    } catch (error) {
      if (turn === this.#turn) await this.#sitOnWasm(turn, simulation, { message: messageOf(error) });
    }
  }

  /** Measures both engines once the automaton is seen, while Wasm plays, and goes on with the faster one. */
  async #measure(turn: number, simulation: Simulation): Promise<void> {
    await simulation.seen();
    if (turn !== this.#turn) return;
    let measured: Measured | undefined;
    try {
      const [wasm, { engine: webgpu }] = await Promise.all([this.#wasm.take(), this.#webgpu.take()]);
      const declined = webgpu.declines(simulation.rule, { graft: simulation.graft !== undefined });
      if (declined !== undefined) throw new Error(declined);
      if (turn !== this.#turn) return;
      measured = await timeSteps(simulation, { wasm, webgpu });
      this.#engines.keep(simulation, measured);
    } catch (error) {
      if (turn === this.#turn) await this.#sitOnWasm(turn, simulation, { message: messageOf(error) });
      return;
    }
    if (turn !== this.#turn) return;
    if (fasterOf(measured) === "webgpu") await this.#sitOnWebgpu(turn, simulation, measured);
    else await this.#sitOnWasm(turn, simulation, { measured });
  }

  async #sit(
    turn: number,
    simulation: Simulation,
    engine: Engine,
    graphics: Graphics | undefined,
    atPlay: EngineAtPlay,
  ): Promise<void> {
    if (turn !== this.#turn) return;
    if (simulation.engine !== engine) {
      await release(simulation);
      if (turn !== this.#turn) return;
      simulation.engine = engine;
    }
    this.#simulation = simulation;
    this.#graphics = graphics;
    this.#options.onSeat?.({ atPlay, graphics });
  }

  /** Goes on with Wasm, from the last state that there is. @param failed whether the device is of no use to others, either. */
  #fallBack(simulation: Simulation, message: string, failed: boolean): void {
    const turn = ++this.#turn;
    this.#graphics = undefined;
    simulation.engine = undefined;
    if (failed) this.#webgpu.abandon();
    this.#recovering = true;
    simulation
      .recover()
      .then(() => this.#sitOnWasm(turn, simulation, { message }))
      .catch(this.#options.onError)
      .finally(() => (this.#recovering = false));
  }
}

/** Takes the engine from a simulation, which keeps its state, if that can be had. */
async function release(simulation: Simulation): Promise<void> {
  simulation.engine = undefined;
  await simulation.recover();
}

function fasterOf({ wasm, webgpu }: Measured): "wasm" | "webgpu" {
  return webgpu < wasm ? "webgpu" : "wasm";
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/\.$/, "");
}
