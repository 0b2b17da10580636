/** The training worker: one training from its start to its end. */
import { createWasmEngine } from "../../../src/engine/wasm/engine.ts";
import { UserError } from "../../../src/errors.ts";
import { saveSession } from "../storage.ts";
import type { Event, Reply, Request } from "./protocol.ts";
import { sentenceOf, Training } from "./training.ts";

/** How long to wait for a tab that trains the same and may be closing, in milliseconds. */
const PATIENCE = 3000;

let training: Promise<Training | undefined> = Promise.resolve(undefined);

function reply(message: Reply, transfer: Transferable[] = []): void {
  globalThis.postMessage(message, { transfer });
}

function tell(event: Event): void {
  reply(
    { kind: "event", event },
    arraysOf(event)
      .map(({ buffer }) => buffer)
      .filter(isPlain),
  );
}

/** What need not be copied on its way to the page. */
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
    await claim(job.id);
    const { threads, saveEvery } = options;
    const kernels = saved ? (saved.build === "strict" ? "strict" : "relaxed") : options.kernels;
    const engine = await createWasmEngine({ threads, kernels });
    const begun = new Training({ job, engine, host: { tell, keep: saveSession }, saveEvery });
    if (saved) await begun.restore(saved);
    tell({ type: "ready", detail: { build: engine.build, threads: Math.max(1, threads) } });
    void (saved?.ended ? begun.stop() : paused ? begun.pause() : begun.run());
    return begun;
  } catch (error) {
    tell({ type: "state", detail: { state: "failed" } });
    tell({ type: "failed", detail: { message: sentenceOf(error) } });
    return undefined;
  }
}

/** Makes sure that no other tab trains the same: they would overwrite what the other one keeps. */
function claim(id: string): Promise<void> {
  // Pages that are not served securely have no locks.
  const { locks }: Partial<Navigator> = navigator;
  if (!locks) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const held = new Promise<never>(() => {});
    locks
      .request(`neoblast-training-${id}`, { signal: AbortSignal.timeout(PATIENCE) }, () => (resolve(), held))
      .catch((cause: unknown) =>
        reject(new UserError("this training goes on in another tab; close that one first", { cause })),
      );
  });
}

globalThis.addEventListener("message", ({ data }: MessageEvent<Request>) => {
  if (data.kind === "start") {
    training = start(data);
    return;
  }
  void training.then((begun) => begun && obey(begun, data));
});

function obey(begun: Training, request: Exclude<Request, { kind: "start" }>): void {
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
      void begun.watch(request.view, request.on);
      break;
    case "model":
      reply({ kind: "model", id: request.id, model: begun.model });
      break;
    default:
      request satisfies never;
  }
}
