import type { Engine } from "../../engine.ts";
import { createEngine } from "../../node/engine.ts";
import type { BpttProgress } from "../../train/bptt/bptt.ts";
import { VERSION } from "../../version.ts";
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

/** Measures, and prints as it goes. */
export async function bench({ json, seconds }: BenchOptions): Promise<void> {
  const say = (...lines: string[]) => {
    if (!json) print(...lines);
  };
  const machine = describeMachine();
  say(
    `neoblast ${VERSION}, Node ${machine.node} (V8 ${machine.v8}), ${machine.cores} x ${machine.cpu}, ${machine.system}`,
  );
  const single = await createEngine({ threads: 1 });
  const { build } = single;
  try {
    const deviation = await verifyAgainstReference(single);
    say(`${build} kernels; largest deviation from the reference engine ${deviation.toExponential(1)}`, "");
    const forwardStepsPerSecond = await measureForward(single, seconds);
    say("training step       median      lowest     highest   GFLOP/s a core   speedup");
    const training: TrainingRow[] = [];
    for (const threads of threadCounts(machine.cores)) {
      const row = await measureTraining(threads, seconds, training[0]);
      training.push(row);
      say(formatRow(row));
    }
    say("", `running, one thread: ${Math.round(forwardStepsPerSecond)} automaton steps a second`);
    const result = { version: VERSION, machine, build, deviation, training, forwardStepsPerSecond };
    if (json) printJson(result);
  } finally {
    await single.dispose();
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
  const workload = benchWorkload();
  const engine = await createEngine({ threads });
  try {
    const step = await trainingSteps(engine, workload);
    for (let i = 0; i < WARM_UP; i++) await step();
    const events: BpttProgress[] = [];
    const until = performance.now() + 1000 * seconds;
    do events.push(await step());
    while (performance.now() < until);
    const flops = trainingFlopsPerCell(workload.rule);
    const times = spreadOf(events.map((event) => event.seconds));
    const rates = spreadOf(events.map((event) => (event.cellUpdates * flops) / event.seconds));
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
  const label = `${threads} ${threads === 1 ? "thread" : "threads"}`.padEnd(14);
  const times = [seconds.median, seconds.low, seconds.high]
    .map((value) => `${(1000 * value).toFixed(0)} ms`.padStart(12))
    .join("");
  return `${label}${times}${gflopsPerCore.toFixed(1).padStart(17)}${speedup.toFixed(2).padStart(10)}`;
}
