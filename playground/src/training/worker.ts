/** The training worker: one training from its start to its end. */
import type { Engine } from "../../../src/engine.ts";
import { createWasmEngine } from "../../../src/engine/wasm/engine.ts";
import { UserError } from "../../../src/errors.ts";
import { saveSession } from "../storage.ts";
import type { Event, Reply, Request, SavedState, TrainingOptions, TrainingPlace } from "./protocol.ts";
import { sentenceOf, Training } from "./training.ts";

/** Milliseconds to wait for another tab with the same training that may be closing. */
const LOCK_TIMEOUT = 3000;

let training: Promise<Training | undefined> = Promise.resolve(undefined);

function reply(message: Reply, transfer: Transferable[] = []): void {
  globalThis.postMessage(message, { transfer });
}

function send(event: Event): void {
  reply(
    { kind: "event", event },
    arraysOf(event)
      .map(({ buffer }) => buffer)
      .filter(isPlain),
  );
}

/** Arrays that are transferred to the page instead of copied. */
function arraysOf({ type, detail }: Event): ArrayBufferView[] {
  if (type === "parameters") return [detail.parameters];
  if (type === "progress") return [detail.losses];
  if (type === "pool") return [detail.raster.data];
  return type === "batch" ? [...detail.before, ...detail.after].map(({ data }) => data) : [];
}

function isPlain(buffer: ArrayBufferLike): buffer is ArrayBuffer {
  return buffer instanceof ArrayBuffer;
}

async function start({
  job,
  saved,
  options,
  paused,
}: Request & { kind: "start" }): Promise<Training | undefined> {
  try {
    await lockTraining(job.id);
    const { threads, saveEvery } = options;
    const place = saved ? placeOf(saved) : options.place;
    const kernels =
      saved && place === "wasm" ? (saved.build === "strict" ? "strict" : "relaxed") : options.kernels;
    const open = async (wanted: TrainingPlace) => {
      const engine = await openEngine(wanted, { ...options, kernels }, saved?.losses.length ?? 0);
      send({ type: "ready", detail: readyOf(engine, threads) });
      return engine;
    };
    const host = { send, keep: saveSession, reopen: () => open("wasm") };
    const begun = await Training.begin({ job, engine: await open(place), host, saveEvery });
    if (saved) await begun.restore(saved);
    void (saved?.ended ? begun.stop() : paused ? begun.pause() : begun.run());
    return begun;
  } catch (error) {
    send({ type: "state", detail: { state: "failed" } });
    send({ type: "failed", detail: { message: sentenceOf(error) } });
    return undefined;
  }
}

/** Where a saved training was computed. */
function placeOf({ build }: SavedState): TrainingPlace {
  return build.startsWith("float32") ? "webgpu" : "wasm";
}

function readyOf({ name, build }: Engine, threads: number) {
  return { place: name === "webgpu" ? name : "wasm", build, threads: Math.max(1, threads) } as const;
}

/** The engine that is wanted, or the processor's where there is no graphics device that does, which is said. */
async function openEngine(
  place: TrainingPlace,
  { threads, kernels }: Required<TrainingOptions>,
  step: number,
): Promise<Engine> {
  if (place === "webgpu") {
    try {
      const { createWebgpuEngine } = await import("../../../src/engine/webgpu/engine.ts");
      return await createWebgpuEngine();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      send({ type: "noticed", detail: { step, message: `The processor trains: ${why}.` } });
    }
  }
  return createWasmEngine({ threads, kernels });
}

/** Makes sure that no other tab runs the same training: each would overwrite what the other saves. */
function lockTraining(id: string): Promise<void> {
  // Pages that are not served securely have no locks.
  const { locks }: Partial<Navigator> = navigator;
  if (!locks) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const held = new Promise<never>(() => {});
    locks
      .request(
        `neoblast-training-${id}`,
        { signal: AbortSignal.timeout(LOCK_TIMEOUT) },
        () => (resolve(), held),
      )
      .catch((cause: unknown) =>
        reject(new UserError("this training is running in another tab; close that one first", { cause })),
      );
  });
}

globalThis.addEventListener("message", ({ data }: MessageEvent<Request>) => {
  if (data.kind === "start") {
    training = start(data);
    return;
  }
  void training.then((begun) => begun && handle(begun, data));
});

function handle(begun: Training, request: Exclude<Request, { kind: "start" }>): void {
  switch (request.kind) {
    case "pause":
      void begun.pause();
      break;
    case "resume":
      void begun.run();
      break;
    case "stop":
      void begun.stop();
      break;
    case "trainOn":
      void begun.trainOn(request.config);
      break;
    case "save":
      begun.save();
      break;
    case "watch":
      void begun.watch(request.picture, request.on);
      break;
    case "model":
      reply({ kind: "model", id: request.id, model: begun.model });
      break;
    default:
      request satisfies never;
  }
}
