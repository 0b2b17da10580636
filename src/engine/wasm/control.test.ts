import { describe, expect, it } from "vitest";
import { Board, TaskList } from "./control.ts";
import { Heap } from "./heap.ts";

/** A list of a leader, and that of a helper in the same memory; who does which task is written down. */
function pair(onTask: (who: string, index: number) => void) {
  const heap = Heap.create(1024, true);
  const listOf = (who: string) => new TaskList(new Heap(heap.memory), (_, index) => onTask(who, index));
  return { leader: listOf("leader"), helper: listOf("helper"), board: Board.create(2) };
}

describe("a list of tasks", () => {
  it("has each task done once, whoever takes it", () => {
    const done: string[] = [];
    const { leader, helper, board } = pair((who, index) => {
      done.push(`${who} ${index}`);
      // While the leader does its first task, the others are taken from it.
      if (done.length === 1) expect(helper.help()).toBe(true);
    });
    expect(helper.help()).toBe(false);
    leader.share(0, 5, board);
    expect(done.map((task) => Number(task.split(" ")[1])).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4]);
    expect(done.filter((task) => task.startsWith("leader"))).toHaveLength(1);
    expect(helper.help()).toBe(false);
    leader.share(0, 3, board);
    expect(done).toHaveLength(8);
  });

  it("is done from the last on without a board", () => {
    const done: number[] = [];
    const { leader } = pair((_, index) => done.push(index));
    leader.share(0, 4, undefined);
    expect(done).toEqual([3, 2, 1, 0]);
  });

  it("says that a helper failed, and goes on", () => {
    let tasks = 0;
    const { leader, helper, board } = pair((who) => {
      if (who === "helper") throw new Error("no memory");
      if (++tasks === 1) helper.help();
    });
    expect(() => leader.share(0, 4, board)).toThrow("a thread that helped failed");
    tasks = 1;
    leader.share(0, 4, board);
    expect(tasks).toBe(5);
  });

  it("waits for nothing where a message waits, or nobody leads", () => {
    const board = Board.create(2);
    board.help(1, () => []);
    board.lead(1);
    board.announce(1);
    board.help(1, () => []);
    board.received(1);
    board.lead(-1);
    board.help(1, () => []);
  });
});
