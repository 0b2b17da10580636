/** Zip archives, unpacked and held against what they say of themselves: fflate 0.8 compares no checksums. */
import { type UnzipFileInfo, unzipSync } from "fflate";
import { FormatError } from "../errors.ts";
import { show } from "../config/schema.ts";
import { crc32 } from "./crc32.ts";

const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;

/** Names of the members, none of which is unpacked; undefined where the bytes are no archive. */
export function zipNames(bytes: Uint8Array): string[] | undefined {
  const names: string[] = [];
  try {
    unzipSync(bytes, { filter: ({ name }) => !names.push(name) });
    return names;
  } catch {
    return undefined;
  }
}

/**
 * Names and contents of the members.
 *
 * @param kind of archive, for messages: ".npz file".
 * @param admit looks at the members one after the other as the archive describes them, before they are unpacked, and
 * throws where one is not to be.
 * @throws FormatError where the archive is damaged: a member cannot be unpacked, or its CRC-32 or its name is not what
 * the archive's directory says.
 */
export function unzip(
  bytes: Uint8Array,
  kind: string,
  admit: (member: UnzipFileInfo) => void,
): [string, Uint8Array][] {
  const sums = new Map<string, number>();
  let last: string | undefined;
  const unpack = () => {
    const directory = directoryOf(bytes);
    return unzipSync(bytes, {
      filter: (member) => {
        admit(member);
        last = member.name;
        const { checksum, namesAgree } = directory.next();
        if (!namesAgree) throw damaged(kind, `two names are given for ${show(last)}`);
        sums.set(last, checksum);
        return true;
      },
    });
  };
  let members;
  try {
    members = Object.entries(unpack());
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    const what = last === undefined ? "its zip archive" : show(last);
    throw damaged(kind, `${what} cannot be unpacked`, cause);
  }
  const wrong = members.find(([name, data]) => crc32(data) !== sums.get(name));
  if (wrong) throw damaged(kind, `the content of ${show(wrong[0])} does not match its checksum`);
  return members;
}

function damaged(kind: string, fault: string, cause?: unknown): FormatError {
  return new FormatError(`damaged ${kind}: ${fault}`, { cause });
}

/** Walks the entries of the archive's directory in the order in which fflate does. RangeError beyond the file. */
function directoryOf(bytes: Uint8Array): { next: () => { checksum: number; namesAgree: boolean } } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const uint32 = (at: number) => view.getUint32(at, true);
  const uint16 = (at: number) => view.getUint16(at, true);
  let end = bytes.length - 22;
  while (uint32(end) !== END) end--;
  let at = uint32(end + 16);
  if (end >= 20 && uint32(end - 20) === LOCATOR_64) {
    const far = uint32(end - 12);
    if (uint32(far) === END_64) at = uint32(far + 48);
  }
  return {
    next: () => {
      const entry = at;
      const length = uint16(entry + 28);
      at += 46 + length + uint16(entry + 30) + uint16(entry + 32);
      const local = uint32(entry + 42);
      const name = bytes.subarray(entry + 46, entry + 46 + length);
      const namesAgree =
        uint16(local + 26) === length && name.every((byte, i) => bytes[local + 30 + i] === byte);
      return { checksum: uint32(entry + 16), namesAgree };
    },
  };
}
