// Networks of PyTorch that see whole digits, of about as many numbers as the automaton of `neoblast classify`, on the same
// digits: node bench/classifiers.mjs [--count 60000] [--held 1000] [--epochs 5] [--threads 2] [--quick].
// Needs a build, Python with torch, and two minutes.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { handwritingSets } from "../dist/data/handwriting.js";
import { encodeNpy } from "../dist/formats/npy.js";
import { findPython, peerPath, torch } from "./peers/peers.mjs";
import { markdownTable } from "./report.mjs";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "60000" },
    held: { type: "string", default: "1000" },
    epochs: { type: "string", default: "5" },
    threads: { type: "string", default: "2" },
    quick: { type: "boolean", default: false },
  },
});
const { quick, threads } = values;
const [count, held, epochs] = quick ? [128, 32, 1] : [values.count, values.held, values.epochs].map(Number);

/** Pictures (N, H, W) of 0 to 255, and what each shows (N). */
function write(folder, name, set, size) {
  const pixels = set.grid[0] * set.grid[1];
  const pictures = new Float32Array(size * pixels);
  const labels = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    pictures.set(
      set.picture(i).map((value) => Math.round(255 * value)),
      i * pixels,
    );
    labels[i] = set.label(i);
  }
  const save = (file, shape, data) =>
    writeFileSync(join(folder, `${file}.npy`), encodeNpy({ shape: [...shape], data }));
  save(name, [size, ...set.grid], pictures);
  save(`${name}Labels`, [size], labels);
}

const folder = mkdtempSync(join(tmpdir(), "neoblast-classifiers-"));
try {
  const python = findPython(torch.module);
  if (!python) {
    console.log("skipped: no Python with torch in .venv, $NEOBLAST_PYTHON or python3");
  } else {
    const { train, test } = handwritingSets(28);
    write(folder, "train", train, Math.min(count, train.count));
    write(folder, "test", test, Math.min(held, test.count));
    const args = ["-B", peerPath("torch_classifiers.py"), folder, threads, String(epochs)];
    const { networks } = JSON.parse(execFileSync(python, args, { encoding: "utf8" }));
    const rows = networks.map(({ name, numbers, right, seconds }) => [
      name,
      numbers.toLocaleString("en"),
      `${(100 * right).toFixed(1)}%`,
      `${seconds.toFixed(0)} s`,
    ]);
    console.log(markdownTable(["network of PyTorch", "numbers", "held-out digits right", "training"], rows));
  }
} finally {
  rmSync(folder, { recursive: true });
}
