/** Trains until it is told to pause. */
import { createWasmEngine, stateRaster } from "neoblast";
import type { BpttTrainer } from "neoblast/train";
import { trainerOf } from "./job.ts";
import { newborn } from "./newborn.ts";
import { SIDE } from "./pictures.ts";
import type { Reply, Request } from "./protocol.ts";

/** Milliseconds between two reports. */
const REPORT = 200;
/** States of the pool that are shown. */
const SHOWN = 36;

const GRID = [SIDE, SIDE] as const;
const layout = newborn(0);
let trainer: BpttTrainer | undefined;
let running: AbortController | undefined;

const reply = (message: Reply) => postMessage(message);

/** A whole state (SIDE, SIDE, C), of which the pool may keep only the part that is not empty. */
async function wholeOf(kept: ReturnType<BpttTrainer["remembered"]>[number]): Promise<Float32Array> {
  if ("read" in kept) return kept.read();
  const { channels } = layout.rule;
  const whole = new Float32Array(SIDE * SIDE * channels);
  for (let row = 0; row < kept.height; row++) {
    const size = kept.width * channels;
    const at = ((kept.top + row) * SIDE + kept.left) * channels;
    whole.set(kept.data.subarray(row * size, (row + 1) * size), at);
  }
  return whole;
}

async function poolOf(from: BpttTrainer): Promise<Extract<Reply, { kind: "progress" }>["pool"]> {
  const { rule, readout } = layout;
  const states = await Promise.all(from.remembered(SHOWN).map(wholeOf));
  return states.map((state) => stateRaster(state, { rule, readout: readout! }, GRID).data);
}

async function run(of: BpttTrainer): Promise<void> {
  const abort = (running = new AbortController());
  let losses: number[] = [];
  let reported = performance.now();
  const report = async () => {
    reply({
      kind: "progress",
      step: of.step,
      losses,
      parameters: of.model,
      pool: await poolOf(of),
      finished: of.finished,
    });
    losses = [];
    reported = performance.now();
    // Lets messages in.
    await new Promise((next) => setTimeout(next));
  };
  try {
    for await (const { loss } of of.run(abort.signal)) {
      losses.push(loss);
      if (performance.now() - reported > REPORT) await report();
      if (abort.signal.aborted) break;
    }
    await report();
  } catch (error) {
    if (!abort.signal.aborted)
      reply({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
  }
}

addEventListener("message", ({ data }: MessageEvent<Request>) => {
  handle(data).catch((error: unknown) => {
    reply({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
  });
});

async function handle(request: Request): Promise<void> {
  switch (request.kind) {
    case "start": {
      const engine = await createWasmEngine({ threads: 0 });
      trainer = trainerOf(engine, request.target, request.recipe, request.seed);
      return run(trainer);
    }
    case "pause":
      return running?.abort();
    case "resume":
      return trainer && run(trainer);
    default:
      return request satisfies never;
  }
}
