import { describe, expect, it } from "vitest";
import { UserError } from "../../errors.ts";
import type { Snapshot } from "../../train/snapshot.ts";
import { Checkpoints } from "./checkpoints.ts";

/** A training of which a step is a number, and a folder that writes when it is told to. */
function setUp() {
  const trainer = { step: 0, save: () => Promise.resolve({ meta: { step: trainer.step }, tensors: {} }) };
  const begun: number[] = [];
  const written: number[] = [];
  const ends: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const folder = {
    saveCheckpoint: ({ meta }: Snapshot) => {
      begun.push(Number(meta.step));
      return new Promise<void>((resolve, reject) => ends.push({ resolve, reject }));
    },
  };
  const checkpoints = new Checkpoints({ folder, trainer, every: 0, written: (steps) => written.push(steps) });
  return { trainer, checkpoints, begun, written, ends };
}

describe("checkpoints", () => {
  it("are written while training goes on, one at a time, and the last before the end", async () => {
    const { trainer, checkpoints, begun, written, ends } = setUp();
    trainer.step = 1;
    await checkpoints.keepUp();
    expect([begun, written, checkpoints.saved]).toEqual([[1], [], 0]);
    trainer.step = 2;
    const next = checkpoints.keepUp();
    await Promise.resolve();
    expect(begun).toEqual([1]);
    ends[0].resolve();
    await next;
    expect([begun, written, checkpoints.saved]).toEqual([[1, 2], [1], 1]);
    trainer.step = 3;
    ends[1].resolve();
    const end = checkpoints.finish();
    await expect.poll(() => begun).toEqual([1, 2, 3]);
    ends[2].resolve();
    await end;
    expect([written, checkpoints.saved]).toEqual([[1, 2, 3], 3]);
    await checkpoints.finish();
    expect(begun).toEqual([1, 2, 3]);
  });

  it("say at the next step that one could not be written, once", async () => {
    const { trainer, checkpoints, begun, ends } = setUp();
    trainer.step = 1;
    await checkpoints.keepUp();
    ends[0].reject(new UserError("the disk is full"));
    trainer.step = 2;
    await expect(checkpoints.keepUp()).rejects.toThrow("the disk is full");
    expect([begun, checkpoints.saved]).toEqual([[1], 0]);
    const end = checkpoints.finish();
    await expect.poll(() => begun).toEqual([1, 2]);
    ends[1].resolve();
    await end;
    expect(checkpoints.saved).toBe(2);
  });
});
