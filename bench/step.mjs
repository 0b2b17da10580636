// Our side of `stepper.mjs`: training steps of the workload that the argument describes, as JSON:
// {"threads": ..., "memoryBudget": bytes, "workload": {...}}, or with "digits", "classify", "attention" or "texture":
// {...} those of `digitsWork.mjs`, `classifyWork.mjs`, `attentionWork.mjs` and `textureWork.mjs`.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { trainingSteps } from "../dist/cli/bench/timed.js";
import { benchWorkload } from "../dist/cli/bench/workload.js";
import { createEngine } from "../dist/node/engine.js";
import { VERSION } from "../dist/version.js";
import { attentionWorkload } from "./attentionWork.mjs";
import { classifyWorkload } from "./classifyWork.mjs";
import { digitsSteps, digitsWorkload } from "./digitsWork.mjs";
import { goalSteps } from "./goalWork.mjs";
import { textureSteps, textureWorkload } from "./textureWork.mjs";

const { workload, digits, classify, attention, texture, ...options } = JSON.parse(process.argv[2]);
const answer = (value) => void process.stdout.write(`${JSON.stringify(value)}\n`);

/**
 * Most memory this process ever had, in bytes. On Linux `maxRSS` begins with the peak of the process that started
 * this one; VmHWM does not.
 */
function peakBytes() {
  try {
    return 1024 * Number(/VmHWM:\s*(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))[1]);
  } catch {
    return 1024 * process.resourceUsage().maxRSS;
  }
}

const engine = await createEngine(options);
const step = await stepOf();

function stepOf() {
  if (digits) return digitsSteps(engine, digitsWorkload(digits));
  if (classify) return goalSteps(engine, classifyWorkload(classify));
  if (attention) return goalSteps(engine, attentionWorkload(attention));
  if (texture) return textureSteps(engine, textureWorkload(texture));
  return trainingSteps(engine, benchWorkload(workload));
}

answer({ name: `Neoblast ${VERSION}` });
for await (const command of createInterface({ input: process.stdin })) {
  if (command !== "step") throw new Error(`no such command: ${command}`);
  const { seconds, cellUpdates, loss, automaton } = await step();
  answer({ seconds, automaton, cellUpdates, loss, peakBytes: peakBytes() });
}
await engine.dispose();
