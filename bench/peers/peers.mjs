// The programs that Neoblast is compared with, and how they are given the same work.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeNpy, encodeNpy } from "../../dist/formats/npy.js";
import { parameterTable } from "../../dist/rule/parameters.js";
import { Stepper } from "../stepper.mjs";

const REQUIREMENTS = "-r bench/peers/requirements.txt";
const root = fileURLToPath(new URL("../../", import.meta.url));

export const torch = { module: "torch", install: REQUIREMENTS };
const jax = { name: "JAX", module: "jax", install: `${REQUIREMENTS} jax`, args: [], extra: true };

/**
 * `pairs`: timed turns. `limit`: seconds that one turn may take. `targets`: what Neoblast is to reach beside it.
 * `extra`: only with --all. `install`: what pip is to install.
 */
export const TRAINING_PEERS = [
  ...[[], ["--linear"]].map((args) => ({
    ...torch,
    name: ["PyTorch", ...args].join(" "),
    script: "torch_step.py",
    args,
    pairs: 5,
    limit: 120,
    targets: { faster: { atLeast: 20 }, memory: { atMost: 10 } },
  })),
  {
    ...torch,
    name: "PyTorch --compile",
    script: "torch_step.py",
    args: ["--compile"],
    pairs: 3,
    limit: 600,
    extra: true,
  },
  { ...jax, script: "jax_step.py", pairs: 3, limit: 600 },
];

const population = { limit: 3600, targets: { faster: { atLeast: 12 } } };
export const POPULATION_PEERS = [
  { ...torch, ...population, name: "PyTorch", script: "torch_population.py", args: [], pairs: 1 },
  {
    ...torch,
    ...population,
    name: "PyTorch --groups",
    script: "torch_population.py",
    args: ["--groups"],
    pairs: 3,
  },
  { ...jax, script: "jax_population.py", pairs: 1, limit: 3600 },
];

export const DIGITS_PEERS = [
  {
    ...torch,
    name: "PyTorch",
    script: "torch_digits.py",
    args: [],
    pairs: 5,
    limit: 120,
    targets: { faster: { atLeast: 6 } },
  },
];

export const CLASSIFY_PEERS = [
  {
    ...torch,
    name: "PyTorch",
    script: "torch_classify.py",
    args: [],
    pairs: 5,
    limit: 120,
    targets: { faster: { atLeast: 5 } },
  },
];

export const ATTENTION_PEERS = [
  { ...torch, name: "PyTorch", script: "torch_attention.py", args: [], pairs: 5, limit: 120, targets: {} },
];

export const TEXTURE_PEERS = [
  {
    ...torch,
    name: "PyTorch",
    script: "torch_texture.py",
    args: [],
    pairs: 5,
    limit: 120,
    targets: { faster: { atLeast: 6 } },
  },
];

/** The first Python that has a module, or undefined. */
export function findPython(module) {
  const candidates = [join(root, ".venv/bin/python"), process.env.NEOBLAST_PYTHON, "python3"];
  const probe = `import importlib.util, sys; sys.exit(not importlib.util.find_spec("${module}"))`;
  return candidates.find((python) => {
    if (!python) return false;
    try {
      execFileSync(python, ["-c", probe], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Starts one peer after the other on the workload in a folder, and has each measured.
 *
 * @param quick whether one timed turn is enough.
 * @param measure what is done with a peer that runs.
 * @returns those that do not run, and why.
 */
export async function besidePeers(peers, { folder, threads, all, quick, say }, measure) {
  const skipped = [];
  for (const peer of peers) {
    if (peer.extra && !all) {
      skipped.push({ name: peer.name, reason: "npm run bench -- --all includes it" });
      continue;
    }
    say(`beside ${peer.name}`);
    let theirs;
    try {
      theirs = await startPeer(peer, folder, threads);
    } catch (error) {
      skipped.push({ name: peer.name, reason: error.message });
      continue;
    }
    try {
      await measure(theirs, quick ? { ...peer, pairs: 1 } : peer);
    } finally {
      theirs.close();
    }
  }
  return skipped;
}

export function peerPath(script) {
  return join(root, "bench/peers", script);
}

/**
 * Starts a peer on the workload in a folder.
 *
 * @param options those of `Stepper.start`. @throws Error that says what is missing and how to install it.
 */
export async function startPeer({ module, install, script, args, limit }, folder, threads, options) {
  const python = findPython(module);
  if (!python) {
    throw new Error(
      `no Python with ${module} in .venv, $NEOBLAST_PYTHON or python3; ` +
        `python3.11 -m venv .venv && .venv/bin/pip install ${install} adds it`,
    );
  }
  const words = ["-B", peerPath(script), folder, String(threads), ...args];
  return await Stepper.start(python, words, limit, options);
}

/**
 * Writes a workload for `exchange.py`. `parameters`: one set, or one for each member of a population. `more`: fields of its
 * numbers that are not what they are by default.
 */
export function writeWorkload(folder, { rule, grid, steps, parameters, states, target }, more) {
  mkdirSync(folder, { recursive: true });
  const save = (name, shape, data) =>
    writeFileSync(join(folder, `${name}.npy`), encodeNpy({ shape: [...shape], data }));
  const all = new Float32Array(states.length * states[0].length);
  states.forEach((state, sample) => all.set(state, sample * state.length));
  save("states", [states.length, ...grid, rule.channels], all);
  save("target", [...grid, 4], target);
  const members = [parameters].flat();
  for (const { name, shape, offset, size } of parameterTable(rule)) {
    const data = new Float32Array(members.length * size);
    members.forEach((own, member) => data.set(own.subarray(offset, offset + size), member * size));
    save(name, Array.isArray(parameters) ? [members.length, ...shape] : shape, data);
  }
  const { channel: alive_channel, threshold: alive_threshold } = rule.alive;
  const pinned = rule.pinned ?? [];
  const numbers = { steps, fire_rate: rule.fireRate, alive_channel, alive_threshold, pinned, ...more };
  writeFileSync(join(folder, "workload.json"), JSON.stringify(numbers));
}

/** Takes from a folder what a peer wrote there, so that the next peer cannot pass it off as its own. */
export function takeArray(folder, name) {
  const file = join(folder, `${name}.npy`);
  if (!existsSync(file)) throw new Error(`the peer wrote no ${name}.npy`);
  const { data } = decodeNpy(readFileSync(file));
  rmSync(file);
  return data;
}

/** What a peer made of the training workload in a folder. */
export function takeOutcome(folder, { rule, grid, parameters }) {
  const all = takeArray(folder, "final");
  const size = grid[0] * grid[1] * rule.channels;
  const states = Array.from({ length: all.length / size }, (_, i) => all.slice(i * size, (i + 1) * size));
  const gradient = new Float32Array(parameters.length);
  for (const { name, offset } of parameterTable(rule))
    gradient.set(takeArray(folder, `grad.${name}`), offset);
  return { states, gradient };
}
