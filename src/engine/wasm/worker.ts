/** The worker's side of `port.ts`: jobs in the order they arrive. Bundled into a script by the build. */
import type { StateWindow } from "../window.ts";
import { Board } from "./control.ts";
import { Helper } from "./helper.ts";
import { JobRunner, type PullResult, type RunResult } from "./jobs.ts";
import { breathing, type Reply, type Request } from "./port.ts";

let runner: JobRunner;
let helper: Helper | undefined;
/** Where threads share memory: which this is, and where they meet. */
let place: { readonly thread: number; readonly board: Board } | undefined;
let turn: Promise<void> = Promise.resolve();
/** Jobs that were received and are not done. */
let queued = 0;
const aborted = new Set<number>();

function start({ module, membership }: Extract<Request, { kind: "start" }>): void {
  if (!membership) {
    runner = new JobRunner(module);
    return;
  }
  const { words, thread: owner, threads } = membership;
  const board = new Board(words);
  place = { thread: owner, board };
  helper = new Helper(module, membership);
  runner = new JobRunner(module, {
    threads,
    board,
    added: (workspace) => reply({ workspace: { owner, ...workspace } }, []),
    removed: (id) => reply({ removed: { owner, id } }, []),
  });
}

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
    queued--;
    place?.board.lead(-1);
  }
}

globalThis.addEventListener("message", ({ data }: MessageEvent<Request>) => {
  switch (data.kind) {
    case "start":
      start(data);
      // The board is known from here on.
      return;
    case "abort":
      aborted.add(data.id);
      break;
    case "release":
      turn = turn.then(() => runner.release(data.tape));
      break;
    case "workspace":
      helper?.add(data.workspace);
      break;
    case "removed":
      helper?.remove(data.removed);
      break;
    case "help":
      break;
    case "run":
    case "pull": {
      const { id } = data;
      const breathe = breathing(() => {
        if (aborted.has(id)) throw new Error("aborted");
      });
      queued++;
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
  place?.board.received(place.thread);
  // Once nothing of its own is left to do.
  if (helper) turn = turn.then(() => void (queued === 0 && helper?.help()));
});
