/** A thread's part in the samples that others run: their workspaces, and the tasks in them. */
import type { Plane } from "../../rule/grid.ts";
import type { Rule } from "../../rule/rule.ts";
import { Board, type TaskList } from "./control.ts";
import { Heap } from "./heap.ts";
import { instantiateKernels } from "./kernels.ts";
import { layOut } from "./layout.ts";
import { StepTasks } from "./stepTasks.ts";

/** What a thread is told of the others. */
export type Membership = Readonly<{
  /** The words of their board. */
  words: Int32Array;
  /** Its number among `threads`, from 0 on. */
  thread: number;
  threads: number;
  /** Whether it helps others: not where there are more threads than cores. */
  helps: boolean;
}>;

/** The memory of a thread's workspace, and what it takes to work in it. */
export type SharedWorkspace = Readonly<{
  /** Its thread, and its number there. */
  owner: number;
  id: number;
  memory: WebAssembly.Memory;
  /** One of the rules that it is for. */
  rule: Rule;
  grid: Plane;
  /** Grafted parameter sets. */
  grafts: number;
}>;

export class Helper {
  readonly #module: WebAssembly.Module;
  readonly #membership: Membership;
  readonly #board: Board;
  readonly #lists = new Map<string, TaskList>();

  constructor(module: WebAssembly.Module, membership: Membership) {
    this.#module = module;
    this.#membership = membership;
    this.#board = new Board(membership.words);
  }

  add({ owner, id, memory, rule, grid, grafts }: SharedWorkspace): void {
    const { thread, threads } = this.#membership;
    const heap = new Heap(memory);
    const kernels = instantiateKernels(this.#module, memory);
    const own = { gridWidth: grid[1], thread: (thread - owner + threads) % threads };
    const tasks = new StepTasks(kernels, heap, layOut(rule, grid, grafts, threads), own);
    this.#lists.set(`${owner} ${id}`, tasks.list);
  }

  remove({ owner, id }: Pick<SharedWorkspace, "owner" | "id">): void {
    this.#lists.delete(`${owner} ${id}`);
  }

  /** Helps until a message waits for this thread, or no other runs a sample. */
  help(): void {
    if (this.#membership.helps) this.#board.help(this.#membership.thread, () => this.#lists.values());
  }
}
