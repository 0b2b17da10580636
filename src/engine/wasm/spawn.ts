import type { Spawn } from "./port.ts";

/** Starts a worker in a browser, from a blob: no separate file to serve, and no shared memory to allow. */
export const spawnWebWorker: Spawn = (source) => {
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const worker = new Worker(url);
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (listener) => worker.addEventListener("message", ({ data }) => listener(data)),
    onError: (listener) =>
      worker.addEventListener("error", ({ message }) => listener(new Error(`a worker failed: ${message}`))),
    terminate: () => {
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
};
