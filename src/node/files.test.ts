import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FormatError, UserError } from "../errors.ts";
import { decodeFile, readFileBytes, removeTemporaryFiles, writeFileAtomic } from "./files.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "neoblast-files-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("writeFileAtomic", () => {
  it("writes, replaces, and leaves nothing else behind", async () => {
    const path = join(folder, "a.bin");
    await writeFileAtomic(path, "first");
    await writeFileAtomic(path, Uint8Array.of(1, 2, 3));
    expect([...readFileSync(path)]).toEqual([1, 2, 3]);
    expect(readdirSync(folder)).toEqual(["a.bin"]);
  });

  it("says which path cannot be written, and why", async () => {
    const inner = join(folder, "inner");
    mkdirSync(join(inner, "full"), { recursive: true });
    writeFileSync(join(inner, "file"), "x");
    const cases: [string, string][] = [
      ["missing/a.png", "its folder does not exist"],
      ["file/a.png", "a part of the path is a file, not a folder"],
      ["full", "it is a folder"],
      ["x".repeat(300), "the name is too long"],
    ];
    for (const [name, reason] of cases) {
      const path = join(inner, name);
      await expect(writeFileAtomic(path, "x")).rejects.toThrow(
        new UserError(`cannot write ${path}: ${reason}`),
      );
    }
    expect(readdirSync(inner).toSorted()).toEqual(["file", "full"]);
  });

  it("leaves the old file and no other when the disk is full", async ({ skip }) => {
    const disk = join(folder, "disk");
    mkdirSync(disk);
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], { stdio: "ignore" });
    } catch {
      skip("needs the right to mount a small disk");
    }
    try {
      const path = join(disk, "a.bin");
      await writeFileAtomic(path, "kept");
      await expect(writeFileAtomic(path, new Uint8Array(100_000))).rejects.toThrow(
        new UserError(`cannot write ${path}: the disk is full`),
      );
      expect(readFileSync(path, "utf8")).toBe("kept");
      expect(readdirSync(disk)).toEqual(["a.bin"]);
    } finally {
      execFileSync("umount", [disk]);
    }
  });

  it("has its leftovers removed, and nothing else", async () => {
    const place = join(folder, "crashed");
    mkdirSync(place);
    const names = [".neoblast-9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d.tmp", ".neoblast.tmp", "notes.tmp"];
    for (const name of names) writeFileSync(join(place, name), "x");
    await removeTemporaryFiles(place);
    expect(readdirSync(place).toSorted()).toEqual([".neoblast.tmp", "notes.tmp"]);
    await removeTemporaryFiles(join(folder, "nowhere"));
  });
});

describe("readFileBytes", () => {
  it("reads the whole file", async () => {
    const path = join(folder, "read.bin");
    writeFileSync(path, Uint8Array.of(9, 8, 7));
    expect([...(await readFileBytes(path, 3))]).toEqual([9, 8, 7]);
  });

  it("refuses what is too long, missing, or no file", async () => {
    const path = join(folder, "long.bin");
    writeFileSync(path, new Uint8Array(3 * 2 ** 20));
    await expect(readFileBytes(path, 2 ** 20)).rejects.toThrow(
      new UserError(`${path} is 3.0 MiB long; at most 1.0 MiB are read`),
    );
    const missing = join(folder, "missing.bin");
    await expect(readFileBytes(missing, 1)).rejects.toThrow(
      new UserError(`cannot read ${missing}: it does not exist`),
    );
    await expect(readFileBytes(join(path, "below"), 1)).rejects.toThrow(/a part of the path is a file/);
    await expect(readFileBytes(folder, 1)).rejects.toThrow(
      new UserError(`${folder} is a folder, not a file`),
    );
    if (existsSync("/dev/zero")) {
      await expect(readFileBytes("/dev/zero", 1)).rejects.toThrow("/dev/zero is not a regular file");
    }
  });
});

describe("decodeFile", () => {
  it("puts the path in front of what the decoder finds, and keeps its kind", async () => {
    const path = join(folder, "decode.bin");
    writeFileSync(path, "x");
    const failing = (error: Error) =>
      decodeFile(path, 10, () => {
        throw error;
      });
    await expect(failing(new FormatError("bad"))).rejects.toThrow(new FormatError(`${path}: bad`));
    await expect(failing(new UserError("odd", { exitCode: 2 }))).rejects.toMatchObject({
      name: "UserError",
      message: `${path}: odd`,
      exitCode: 2,
    });
    await expect(failing(new TypeError("a bug"))).rejects.toThrow(new TypeError("a bug"));
  });
});
