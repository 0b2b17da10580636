/** The worker's side of `port.ts`: jobs in the order they arrive. Bundled into a script by the build. */
import type { StateWindow } from "../window.ts";
import { JobRunner, type PullResult, type RunResult } from "./jobs.ts";
import { breathing, type Reply, type Request } from "./port.ts";

let runner: JobRunner;
let turn: Promise<void> = Promise.resolve();
const aborted = new Set<number>();

function buffersOf(result: RunResult[] | PullResult): Transferable[] {
  const windows: (StateWindow | undefined)[] = Array.isArray(result)
    ? result.flatMap(({ final, kept }) => [final, ...kept].map(({ window }) => window))
    : [result.state];
  return windows.flatMap((window) =>
    window?.data.buffer instanceof ArrayBuffer ? [window.data.buffer] : [],
  );
}

function reply(message: Reply, transfer: Transferable[]): void {
  globalThis.postMessage(message, { transfer });
}

async function answer(id: number, job: () => Promise<RunResult[] | PullResult>): Promise<void> {
  try {
    if (aborted.has(id)) return;
    const result = await job();
    reply({ id, result }, buffersOf(result));
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    reply({ id, error: message, name }, []);
  } finally {
    aborted.delete(id);
  }
}

globalThis.addEventListener("message", ({ data }: MessageEvent<Request>) => {
  switch (data.kind) {
    case "start":
      runner = new JobRunner(data.module);
      break;
    case "abort":
      aborted.add(data.id);
      break;
    case "release":
      turn = turn.then(() => runner.release(data.tape));
      break;
    case "run":
    case "pull": {
      const { id } = data;
      const breathe = breathing(() => {
        if (aborted.has(id)) throw new Error("aborted");
      });
      turn = turn.then(() =>
        answer(id, () =>
          data.kind === "run" ? runner.run(data.job, breathe) : runner.pull(data.job, breathe),
        ),
      );
      break;
    }
    default:
      data satisfies never;
  }
});
