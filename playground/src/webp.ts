/** Animated WebP out of still ones, which browsers encode: the container of RFC 9649, section 2.7. */
import { FormatError } from "../../src/errors.ts";

export type WebpFrame = Readonly<{
  /** A still WebP file, as large as the film. */
  file: Uint8Array;
  /** How long it is shown, in milliseconds, below 2^24. */
  delay: number;
}>;

/** Chunks of a still file that are a frame's. */
const IMAGE_CHUNKS = ["ALPH", "VP8 ", "VP8L"];
const ANIMATION = 0x02;
const ALPHA = 0x10;
/** The frame replaces what was there before. */
const NO_BLENDING = 0x02;

/** A film that repeats forever. @throws FormatError where a frame is no still WebP. */
export function animatedWebp(
  width: number,
  height: number,
  frames: readonly WebpFrame[],
): Uint8Array<ArrayBuffer> {
  const size = [...bytes3(width - 1), ...bytes3(height - 1)];
  const header = chunk("VP8X", [Uint8Array.of(ANIMATION | ALPHA, 0, 0, 0, ...size)]);
  const forever = chunk("ANIM", [new Uint8Array(6)]);
  const shown = frames.map(({ file, delay }) => {
    const head = Uint8Array.of(0, 0, 0, 0, 0, 0, ...size, ...bytes3(delay), NO_BLENDING);
    return chunk("ANMF", [head, ...imageChunks(file)]);
  });
  return chunk("RIFF", [ascii("WEBP"), header, forever, ...shown]);
}

function imageChunks(file: Uint8Array): Uint8Array[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const found: Uint8Array[] = [];
  for (let at = 12; at + 8 <= file.length;) {
    const name = String.fromCharCode(...file.subarray(at, at + 4));
    const length = 8 + view.getUint32(at + 4, true);
    const end = at + length + (length % 2);
    if (IMAGE_CHUNKS.includes(name)) found.push(file.subarray(at, end));
    at = end;
  }
  if (found.length === 0) throw new FormatError("a frame is not a WebP picture");
  return found;
}

/** Name, length, content, and a byte more where that is odd. */
function chunk(name: string, parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(8 + length + (length % 2));
  bytes.set(ascii(name));
  new DataView(bytes.buffer).setUint32(4, length, true);
  let at = 8;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const bytes3 = (value: number) => [value & 255, (value >> 8) & 255, (value >> 16) & 255];
