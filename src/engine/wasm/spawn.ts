import type { Spawn } from "./port.ts";

/** Starts a worker in a browser, from a blob: no separate file to serve, and no shared memory to allow. */
export const spawnWebWorker: Spawn = (source) => {
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const worker = new Worker(url);
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (listener) => worker.addEventListener("message", ({ data }) => listener(data)),
    onError: (listener) =>
      worker.addEventListener("error", (event) => {
        // An event without a message: the worker was never let in.
        const refused = !(event instanceof ErrorEvent);
        const what = refused ? "the page's security policy must allow worker-src blob:" : event.message;
        listener(new Error(`a worker failed: ${what}`));
      }),
    terminate: () => {
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
};
