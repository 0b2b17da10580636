// A process that does nothing but training steps, so that its peak memory is theirs: ours or a peer's.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/**
 * Talks to a process in lines: it says `{"name": ...}` as JSON when it is ready, answers each command (`step`,
 * `check`) by one line of JSON, and ends with its standard input.
 */
export class Stepper {
  #child;
  #answers = [];
  #waiting = [];
  #ended;
  #lastWords;

  /**
   * @param limit seconds that one answer may take.
   * @param quiet whether what it complains about is shown only as the reason why it ended. @param env beside our own.
   */
  static async start(command, args, limit, { quiet = false, env = {} } = {}) {
    const stepper = new Stepper(command, args, limit, quiet, env);
    try {
      stepper.name = (await stepper.#answer()).name;
      return stepper;
    } catch (error) {
      stepper.close();
      throw error;
    }
  }

  constructor(command, args, limit, quiet, env) {
    this.limit = limit;
    this.#child = spawn(command, args, {
      stdio: ["pipe", "pipe", quiet ? "pipe" : "inherit"],
      env: { ...process.env, ...env },
    });
    if (quiet)
      createInterface({ input: this.#child.stderr }).on(
        "line",
        (line) => (this.#lastWords = line.trim() || this.#lastWords),
      );
    this.#child.stdin.on("error", () => {});
    this.#child.on("error", (error) => this.#end(error));
    this.#child.on("close", (code, signal) =>
      this.#end(
        new Error([`${command} ended with ${signal ?? code}`, this.#lastWords].filter(Boolean).join(": ")),
      ),
    );
    createInterface({ input: this.#child.stdout }).on("line", (line) => {
      const waiting = this.#waiting.shift();
      if (waiting) waiting.resolve(line);
      else this.#answers.push(line);
    });
  }

  ask(command) {
    this.#child.stdin.write(`${command}\n`);
    return this.#answer();
  }

  close() {
    this.#child.stdin.end();
    this.#child.kill();
  }

  async #answer() {
    let timer;
    try {
      const line =
        this.#answers.shift() ??
        (await new Promise((resolve, reject) => {
          if (this.#ended) return reject(this.#ended);
          this.#waiting.push({ resolve, reject });
          const late = () => reject(new Error(`no answer within ${this.limit} seconds`));
          timer = setTimeout(late, 1000 * this.limit);
        }));
      return JSON.parse(line);
    } finally {
      clearTimeout(timer);
    }
  }

  #end(error) {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#ended);
  }
}

/** Starts our own side; `step.mjs` says what the options are. */
export function startOurs(options) {
  const script = fileURLToPath(new URL("step.mjs", import.meta.url));
  return Stepper.start(process.execPath, [script, JSON.stringify(options)], 600);
}
