/** A disk that fails at any point of an atomic write. */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import * as fs from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { UserError } from "../errors.ts";
import { writeFileAtomic } from "./files.ts";

const failing = vi.hoisted(() => ({ at: "" }));

function check(stage: string): void {
  if (failing.at === stage) throw Object.assign(new Error(stage), { code: "ENOSPC" });
}

vi.mock("node:fs/promises", async (importOriginal) => {
  const original = await importOriginal<typeof fs>();
  return {
    ...original,
    async open(path: string, flags: string) {
      check("open");
      const file = await original.open(path, flags);
      return {
        async writeFile(data: string) {
          await file.writeFile(failing.at === "write" ? data.slice(0, 1) : data);
          check("write");
        },
        async sync() {
          check("sync");
          await file.sync();
        },
        close: () => file.close(),
      };
    },
    async rename(from: string, to: string) {
      check("rename");
      await original.rename(from, to);
    },
  };
});

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "neoblast-faults-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

it.each(["open", "write", "sync", "rename"])("keeps the old file when %s fails", async (stage) => {
  const path = join(folder, "file");
  failing.at = "";
  await writeFileAtomic(path, "old");
  failing.at = stage;
  await expect(writeFileAtomic(path, "new")).rejects.toThrow(
    new UserError(`cannot write ${path}: the disk is full`),
  );
  expect(readFileSync(path, "utf8")).toBe("old");
  expect(readdirSync(folder)).toEqual(["file"]);
});
