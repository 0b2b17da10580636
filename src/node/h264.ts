import type { H264MP4Encoder } from "h264-mp4-encoder";
import { optionalPackage } from "./optional.ts";

const EVENTS = ["uncaughtException", "unhandledRejection"] as const;

/**
 * A fresh H.264 encoder, its package loaded on first use. The package (1.0.12, built by an old Emscripten) installs
 * process-wide handlers that turn any unhandled rejection of the program into an abort of its own; they are taken off
 * again. To go when the package stops installing them.
 */
export async function createH264Encoder(): Promise<H264MP4Encoder> {
  const before = EVENTS.map((event) => process.rawListeners(event));
  const { default: hme } = await optionalPackage(() => import("h264-mp4-encoder"));
  const encoder = await hme.createH264MP4Encoder();
  EVENTS.forEach((event, index) => {
    const added = process
      .rawListeners(event)
      .filter((listener): listener is () => void => !before[index].includes(listener));
    for (const listener of added) process.removeListener(event, listener);
  });
  return encoder;
}
