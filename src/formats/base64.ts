import { FormatError } from "../errors.ts";

/** Bytes turned into characters at a time: more arguments than this some engines do not take. */
const PIECE = 0x8000;

export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += PIECE) {
    text += String.fromCharCode(...bytes.subarray(i, i + PIECE));
  }
  return btoa(text);
}

/** @throws FormatError for a text that is no base64. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  let decoded;
  try {
    decoded = atob(text);
  } catch (cause) {
    throw new FormatError("its text is damaged", { cause });
  }
  const bytes = new Uint8Array(decoded.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = decoded.charCodeAt(i);
  return bytes;
}
