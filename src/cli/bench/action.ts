import type { Engine } from "../../engine.ts";
import { UserError } from "../../errors.ts";
import { createEngine } from "../../node/engine.ts";
import type { BpttProgress } from "../../train/bptt/bptt.ts";
import { VERSION } from "../../version.ts";
import { type Adapter, adapterWords, listAdapters, openWebgpuEngine } from "../graphics.ts";
import { verifyAgainstReference } from "./check.ts";
import { describeMachine } from "./machine.ts";
import type { BenchOptions } from "./options.ts";
import { forwardRun, type Spread, spreadOf, trainingSteps } from "./timed.ts";
import { benchWorkload, trainingFlopsPerCell } from "./workload.ts";
import { print, printJson } from "../terminal/print.ts";

/** Steps made before any is timed: the first ones compile the kernels and touch the memory. */
const WARM_UP = 2;

type TrainingRow = Readonly<{
  threads: number;
  /** Wall time of a training step. */
  seconds: Spread;
  gflopsPerCore: number;
  /** How many times faster than one thread. */
  speedup: number;
}>;

/** The graphics device: what was measured of it, or in a sentence why nothing was. */
type GraphicsResult = Readonly<{
  reason?: string;
  build?: string;
  deviation?: number;
  training?: Omit<TrainingRow, "threads" | "gflopsPerCore"> & Readonly<{ gflops: number }>;
  forwardStepsPerSecond?: number;
}>;

const SOFTWARE = "a processor plays this device, which is not timed";

const HEADINGS = "training step       median      lowest     highest   GFLOP/s a core   speedup";

/** Measures, and prints as it goes. @param devices finds and opens graphics devices; for tests. */
export async function bench(
  { json, seconds }: BenchOptions,
  devices = { listAdapters, openWebgpuEngine },
): Promise<void> {
  const say = (...lines: string[]) => {
    if (!json) print(...lines);
  };
  const machine = describeMachine();
  say(
    `neoblast ${VERSION}, Node ${machine.node} (V8 ${machine.v8}), ${machine.cores} x ${machine.cpu}, ${machine.system}`,
  );
  const graphics = await findAdapters(devices.listAdapters);
  say(
    `graphics devices: ${typeof graphics === "string" ? `none, for ${graphics}` : graphics.map(adapterWords).join(", ")}`,
  );
  const single = await createEngine({ threads: 1 });
  const { build } = single;
  try {
    const deviation = await verifyAgainstReference(single);
    say(`${build} kernels; largest deviation from the reference engine ${deviation.toExponential(1)}`, "");
    const forwardStepsPerSecond = await measureForward(single, seconds);
    say(HEADINGS);
    const training: TrainingRow[] = [];
    for (const threads of threadCounts(machine.cores)) {
      const row = await measureTraining(threads, seconds, training[0]);
      training.push(row);
      say(formatRow(row));
    }
    say("", `running, one thread: ${Math.round(forwardStepsPerSecond)} automaton steps a second`);
    const webgpu: GraphicsResult =
      typeof graphics === "string"
        ? { reason: graphics }
        : await measureGraphics(graphics[0], devices.openWebgpuEngine, seconds, training[0], say);
    const adapters = typeof graphics === "string" ? [] : graphics;
    const result = { version: VERSION, machine, build, deviation, training, forwardStepsPerSecond };
    if (json) printJson({ ...result, adapters, webgpu });
  } finally {
    await single.dispose();
  }
}

/** At least one, or in a sentence why there is none. */
async function findAdapters(list: typeof listAdapters): Promise<readonly Adapter[] | string> {
  try {
    const adapters = await list();
    return adapters.length > 0 ? adapters : "WebGPU found none";
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.message;
  }
}

/** The same work on the graphics device, verified first. @param one what one thread takes on the processor. */
async function measureGraphics(
  { software }: Adapter,
  open: typeof openWebgpuEngine,
  seconds: number,
  one: TrainingRow,
  say: (...lines: string[]) => void,
): Promise<GraphicsResult> {
  let engine: Engine;
  try {
    engine = await open();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    say("", `webgpu: ${error.message}`);
    return { reason: error.message };
  }
  try {
    const { build } = engine;
    const deviation = await verifyAgainstReference(engine);
    say("", `webgpu, ${build}; largest deviation from the reference engine ${deviation.toExponential(1)}`);
    if (software) {
      say(`webgpu: ${SOFTWARE}`);
      return { build, deviation, reason: SOFTWARE };
    }
    const { times, rates } = await timeTraining(engine, seconds);
    const training = {
      seconds: times,
      gflops: rates.median / 1e9,
      speedup: one.seconds.median / times.median,
    };
    say(
      "",
      HEADINGS.replace("a core", "      "),
      formatTimes("webgpu", times, training.gflops, training.speedup),
    );
    const forwardStepsPerSecond = await measureForward(engine, seconds);
    say("", `running, webgpu: ${Math.round(forwardStepsPerSecond)} automaton steps a second`);
    return { build, deviation, training, forwardStepsPerSecond };
  } finally {
    await engine.dispose();
  }
}

/** 1, 2, 4 ... and all cores, as far as there are samples to spread over them. */
function threadCounts(cores: number): number[] {
  const most = Math.min(cores, benchWorkload().states.length);
  const counts = [];
  for (let threads = 1; threads < most; threads *= 2) counts.push(threads);
  return [...counts, most];
}

async function measureTraining(
  threads: number,
  seconds: number,
  one: TrainingRow | undefined,
): Promise<TrainingRow> {
  const engine = await createEngine({ threads });
  try {
    const { times, rates } = await timeTraining(engine, seconds);
    return {
      threads,
      seconds: times,
      gflopsPerCore: rates.median / threads / 1e9,
      speedup: (one?.seconds.median ?? times.median) / times.median,
    };
  } finally {
    await engine.dispose();
  }
}

/** Seconds of training steps, and floating-point operations a second. */
async function timeTraining(
  engine: Engine,
  seconds: number,
): Promise<Readonly<{ times: Spread; rates: Spread }>> {
  const workload = benchWorkload();
  const step = await trainingSteps(engine, workload);
  for (let i = 0; i < WARM_UP; i++) await step();
  const events: BpttProgress[] = [];
  const until = performance.now() + 1000 * seconds;
  do events.push(await step());
  while (performance.now() < until);
  const flops = trainingFlopsPerCell(workload.rule);
  return {
    times: spreadOf(events.map((event) => event.seconds)),
    rates: spreadOf(events.map((event) => (event.cellUpdates * flops) / event.seconds)),
  };
}

async function measureForward(engine: Engine, seconds: number): Promise<number> {
  const run = forwardRun(engine);
  await run();
  const rates: number[] = [];
  const until = performance.now() + 1000 * seconds;
  do rates.push(await run());
  while (performance.now() < until);
  return spreadOf(rates).median;
}

function formatRow({ threads, seconds, gflopsPerCore, speedup }: TrainingRow): string {
  return formatTimes(`${threads} ${threads === 1 ? "thread" : "threads"}`, seconds, gflopsPerCore, speedup);
}

function formatTimes(label: string, { median, low, high }: Spread, gflops: number, speedup: number): string {
  const times = [median, low, high].map((value) => `${(1000 * value).toFixed(0)} ms`.padStart(12)).join("");
  return `${label.padEnd(14)}${times}${gflops.toFixed(1).padStart(17)}${speedup.toFixed(2).padStart(10)}`;
}
