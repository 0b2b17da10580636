/** A training in a worker of the page. */
import type { Recipe } from "./job.ts";
import type { Reply, Request } from "./protocol.ts";

/** What the page knows of it; the worker begins at once. */
export type Session = Readonly<{ pause(): void; resume(): void; end(): void }>;

export function beginTraining(
  job: Readonly<{ target: Float32Array; recipe: Recipe; seed: number }>,
  onReply: (reply: Reply) => void,
): Session {
  const worker = new Worker(new URL("./trainer.worker.ts", import.meta.url), {
    type: "module",
    name: "lesson",
  });
  const post = (request: Request) => worker.postMessage(request);
  worker.addEventListener("message", ({ data }: MessageEvent<Reply>) => onReply(data));
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    onReply({ kind: "failed", message: event.message || "the worker that trains could not be started" });
  });
  post({ kind: "start", ...job });
  return {
    pause: () => post({ kind: "pause" }),
    resume: () => post({ kind: "resume" }),
    end: () => worker.terminate(),
  };
}
