// Trains and measures pictures, one after the other or all by a sweep first, and keeps what came out after each.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { encodeSheet } from "../../dist/node/encode.js";
import { writeFileAtomic } from "../../dist/node/files.js";
import { sweepIn, trainIn, trainingOf } from "../trainings.mjs";
import { digestOf, measure } from "./measure.mjs";
import { layoutSet } from "./sheet.mjs";
import { lineOf, tableOf } from "./table.mjs";

const MEASURED = "set.json";

/**
 * Trains what is not trained yet, measures what is not measured yet, and writes `set.md`, `set.png` and `set.json`.
 * A picture that fails is reported, and the rest goes on.
 *
 * @param pictures `{ name, source }` each; of those that `only` does not name, what was measured before is shown.
 * @param choices `recipe` and `quality`, where they are not the default.
 * @param args more words for `neoblast grow`.
 * @param how options of a sweep that trains all pictures first of which none was trained alone; where left out, each is trained alone.
 * @param models folder of the trainings, each in one by its name; default `out`.
 * @param about what else `set.json` says.
 * @param amounts runs from the seed, and damaged runs of each kind of damage.
 * @returns a result for each picture that was measured or failed: `{ name, source, failed }`, or what `measure` says.
 */
export async function runSet({
  pictures,
  only = pictures.map(({ name }) => name),
  choices = {},
  args = [],
  out,
  models = out,
  threads,
  how,
  about = {},
  amounts = { runs: 8, damagedRuns: 24 },
  stderr = "inherit",
  say = () => {},
}) {
  mkdirSync(out, { recursive: true });
  const options = Object.entries(choices).flatMap(([name, value]) => [`--${name}`, value]);
  const attempted = new Map();
  // What another process measures meanwhile is shown as well.
  const inOrder = () =>
    pictures.flatMap(({ name }) => attempted.get(name) ?? resultIn(join(out, name)) ?? []);
  const keep = () => publish(out, inOrder(), about);
  await keep();
  const sourceOf = (name) => pictures.find((picture) => picture.name === name).source;
  const together = how ? only.filter((name) => !hasOwn(models, name)).map(sourceOf) : [];
  const swept =
    together.length > 0
      ? await sweepIn(join(models, "sweep"), together, [...options, ...args], { threads, how, stderr })
      : new Map();
  for (const [i, name] of only.entries()) {
    const source = sourceOf(name);
    const folder = swept.get(source) ?? join(models, name);
    let result;
    try {
      if (!swept.has(source)) await trainIn(folder, [source, ...options, ...args], { threads, stderr });
      const model = digestOf(folder);
      const before = resultIn(join(out, name));
      if (before?.model === model) {
        result = before;
      } else {
        const { strip, ...measured } = await measure(folder, { threads, ...amounts });
        result = { name, source, model, training: await trainingOf(folder), ...measured };
        mkdirSync(join(out, name), { recursive: true });
        await writeFileAtomic(join(out, name, "set.png"), strip);
        await writeFileAtomic(join(out, name, MEASURED), `${JSON.stringify(result, null, 1)}\n`);
      }
    } catch (error) {
      result = { name, source, failed: error.message };
    }
    attempted.set(name, result);
    await keep();
    say(`${i + 1} of ${only.length}, ${lineOf(result)}`);
  }
  return inOrder();
}

/** Whether a picture was, or is being, trained alone. */
const hasOwn = (models, name) =>
  ["config.json", "model.safetensors"].some((file) => existsSync(join(models, name, file)));

function resultIn(folder) {
  const file = join(folder, MEASURED);
  if (!existsSync(file)) return undefined;
  // As earlier versions called them.
  const { seeds, cutSeeds, ...result } = JSON.parse(readFileSync(file, "utf8"));
  return { runs: seeds, damagedRuns: cutSeeds, ...result };
}

async function publish(out, results, about) {
  await writeFileAtomic(join(out, "set.md"), `${tableOf(results)}\n`);
  const measured = results.filter(({ failed }) => failed === undefined);
  if (measured.length > 0) {
    const strips = measured.map(({ name }) => join(out, name, "set.png"));
    await writeFileAtomic(join(out, "set.png"), await encodeSheet(await layoutSet(measured, strips)));
  }
  await writeFileAtomic(
    join(out, "set.json"),
    `${JSON.stringify({ ...about, pictures: results }, null, 1)}\n`,
  );
}
