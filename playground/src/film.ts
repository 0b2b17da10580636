/** Films of growth, by the encoders that the browser has. */
import type { Raster } from "../../src/data/image.ts";
import type { Engine } from "../../src/engine.ts";
import { UserError } from "../../src/errors.ts";
import { type Model, withPicture } from "../../src/model/model.ts";
import { unrollModel } from "../../src/model/unroll.ts";
import { type Colour, stateRaster } from "../../src/render/rgba.ts";
import { canvasOf, encoded } from "./canvas.ts";
import { animatedWebp, type WebpFrame } from "./webp.ts";

export type FilmFormat = "webp" | "mp4" | "webm" | "gif";

/** Whether this browser encodes a format; `missing` says in a sentence why not. */
export type FilmSupport = Readonly<{ format: FilmFormat; missing?: string }>;

export type FilmOptions = Readonly<{
  /** How long a frame is shown, in milliseconds. Default 40. */
  delay?: number;
  /** How long the last one is. Default 1500. */
  hold?: number;
  /** Called after every frame. */
  onFrame?: (count: number) => void;
  signal?: AbortSignal;
}>;

/** Codecs to ask for, the most widely played first. */
const VIDEO_TYPES = {
  mp4: [
    "video/mp4;codecs=avc1.42E01F",
    "video/mp4;codecs=avc1",
    "video/mp4;codecs=vp09.00.10.08",
    "video/mp4",
  ],
  webm: ["video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm"],
} as const;
/** Bits a second: pixels in flat colours need few, and their edges all of these. */
const VIDEO_RATE = 8e6;

const lacks = (what: string) => ({ missing: `this browser has no encoder for ${what}` });

/** The film formats, and which of them this browser can make. */
export async function filmFormats(): Promise<FilmSupport[]> {
  const video = (format: "mp4" | "webm", name: string): FilmSupport => ({
    format,
    ...(videoType(format) === undefined && lacks(name)),
  });
  return [
    { format: "webp", ...(!(await encodesWebp()) && lacks("WebP")) },
    video("mp4", "MP4"),
    video("webm", "WebM"),
    { format: "gif", missing: "no browser has an encoder for GIF; `neoblast run` writes it" },
  ];
}

/** Frames of a model's growth from its seeds, one each `every` steps. */
export async function* growthFrames(
  engine: Engine,
  played: Model,
  {
    steps = 200,
    every = 2,
    scale = 4,
    background,
    input,
    seed = 0,
    signal,
  }: Readonly<{
    steps?: number;
    every?: number;
    /** Pixels a cell and side. */
    scale?: number;
    /** Default none: alpha is kept. */
    background?: Colour;
    /** The input of the cells, for a model with one. */
    input?: Float32Array;
    seed?: number;
    signal?: AbortSignal;
  }> = {},
): AsyncGenerator<Raster, void> {
  const model = withPicture(played);
  const { grid } = model.provenance;
  const stops = Array.from({ length: Math.floor(steps / every) + 1 }, (_, i) => i * every);
  const states = unrollModel(engine, model, {
    stops,
    seed,
    ...(input && { inputs: [input] }),
    ...(signal && { signal }),
  });
  for await (const { state } of states) {
    yield stateRaster(state, model, grid, { scale, ...(background && { background }) });
  }
}

/**
 * The film of frames of one size. WebP is made as fast as the browser encodes, without loss and with alpha; video at the
 * pace at which it plays.
 *
 * @throws UserError where the browser lacks the encoder; the signal's reason when aborted.
 */
export async function encodeFilm(
  frames: AsyncIterable<Raster> | Iterable<Raster>,
  format: FilmFormat,
  options: FilmOptions = {},
): Promise<Blob> {
  const support = (await filmFormats()).find((each) => each.format === format);
  if (format === "gif" || support?.missing)
    throw new UserError(support?.missing ?? `no encoder for ${format}`);
  return format === "webp" ? encodeWebp(frames, options) : encodeVideo(frames, format, options);
}

async function encodesWebp(): Promise<boolean> {
  const still = { width: 1, height: 1, data: new Uint8ClampedArray(4) };
  return (await encoded(canvasOf(still), "image/webp")).type === "image/webp";
}

async function encodeWebp(
  frames: AsyncIterable<Raster> | Iterable<Raster>,
  { delay = 40, hold = 1500, onFrame, signal }: FilmOptions,
): Promise<Blob> {
  const stills: WebpFrame[] = [];
  let size: readonly [number, number] = [1, 1];
  for await (const frame of frames) {
    signal?.throwIfAborted();
    size = [frame.width, frame.height];
    const still = await encoded(canvasOf(frame), "image/webp", 1);
    stills.push({ file: new Uint8Array(await still.arrayBuffer()), delay });
    onFrame?.(stills.length);
  }
  const last = stills.pop();
  if (!last) throw new RangeError("a film needs a frame");
  const bytes = animatedWebp(...size, [...stills, { ...last, delay: hold }]);
  return new Blob([bytes], { type: "image/webp" });
}

function videoType(format: "mp4" | "webm"): string | undefined {
  if (typeof MediaRecorder === "undefined") return undefined;
  return VIDEO_TYPES[format].find((type) => MediaRecorder.isTypeSupported(type));
}

async function encodeVideo(
  frames: AsyncIterable<Raster> | Iterable<Raster>,
  format: "mp4" | "webm",
  { delay = 40, hold = 1500, onFrame, signal }: FilmOptions,
): Promise<Blob> {
  let recording: Recording | undefined;
  let last: Raster | undefined;
  let count = 0;
  try {
    for await (const frame of frames) {
      last = frame;
      recording ??= new Recording(frame, videoType(format));
      recording.show(frame);
      onFrame?.(++count);
      await wait(delay, signal);
    }
    if (!recording || !last) throw new RangeError("a film needs a frame");
    // A recording ends with its last frame, and a busy encoder drops some: one that is held is shown again and again.
    for (const end = performance.now() + hold; performance.now() < end;) {
      recording.show(last);
      await wait(delay, signal);
    }
    return await recording.finish();
  } finally {
    recording?.close();
  }
}

/** A canvas that is filmed. Sides are even, as video codecs want them. */
class Recording {
  readonly #canvas = document.createElement("canvas");
  readonly #track: CanvasCaptureMediaStreamTrack;
  readonly #recorder: MediaRecorder;
  readonly #parts: Blob[] = [];
  readonly #ended: Promise<void>;

  constructor({ width, height }: Raster, type: string | undefined) {
    this.#canvas.width = width + (width % 2);
    this.#canvas.height = height + (height % 2);
    const stream = this.#canvas.captureStream(0);
    const [track] = stream.getVideoTracks();
    if (!(track instanceof CanvasCaptureMediaStreamTrack))
      throw new UserError("this browser cannot film a canvas");
    this.#track = track;
    this.#recorder = new MediaRecorder(stream, {
      ...(type !== undefined && { mimeType: type }),
      videoBitsPerSecond: VIDEO_RATE,
    });
    this.#recorder.addEventListener("dataavailable", ({ data }) => this.#parts.push(data));
    this.#ended = new Promise((resolve, reject) => {
      this.#recorder.addEventListener("stop", () => resolve());
      this.#recorder.addEventListener("error", () =>
        reject(new UserError("this browser's video encoder failed")),
      );
    });
    // The error is handled where the film is awaited.
    this.#ended.catch(() => {});
    this.#recorder.start();
  }

  show(frame: Raster): void {
    const context = this.#canvas.getContext("2d");
    if (!context) throw new UserError("this browser cannot draw pictures");
    context.fillStyle = "white";
    context.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
    context.drawImage(canvasOf(frame), 0, 0);
    this.#track.requestFrame();
  }

  async finish(): Promise<Blob> {
    this.#recorder.stop();
    await this.#ended;
    return new Blob(this.#parts, { type: this.#recorder.mimeType });
  }

  close(): void {
    if (this.#recorder.state !== "inactive") this.#recorder.stop();
    this.#track.stop();
  }
}

function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)), {
      once: true,
    });
  });
}
