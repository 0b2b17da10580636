// A run that is kept, and goes on bit for bit: a checkpoint is a file of tensors, and whoever has it and the configuration
// has the whole run. Runs 10 steps, keeps a checkpoint, runs 10 more; and the same 10 again from the checkpoint.
import { readFile, writeFile } from "node:fs/promises";
import { createEngine, loadTarget, saveModel } from "neoblast/node";
import {
  createGrowing,
  decodeCheckpoint,
  encodeCheckpoint,
  fitGrowingConfig,
  resolveGrowingConfig,
} from "neoblast/train";

const [out = "run"] = process.argv.slice(2);
const engine = await createEngine();
const target = await loadTarget("🦋", { size: 12, padding: 4, premultiplied: true });
const config = fitGrowingConfig(
  resolveGrowingConfig({
    overrides: { training: { steps: 20, batch: 2, pool: { size: 16 }, validation: null } },
  }),
  target,
);

const trainer = createGrowing({ engine, config, target });
for await (const { step } of trainer) {
  if (step === 9) await writeFile(`${out}.checkpoint`, encodeCheckpoint(await trainer.save()));
}

const again = createGrowing({ engine, config, target });
await again.restore(decodeCheckpoint(await readFile(`${out}.checkpoint`)));
console.log(`goes on after step ${again.step}`);
for await (const { step, loss } of again) if (step === 19) console.log(`step 20: loss ${loss}`);

const same = trainer.model.every((value, i) => Object.is(value, again.model[i]));
console.log(same ? "the same model, bit for bit" : "another model");
await saveModel(`${out}.safetensors`, again.toModel());
await engine.dispose();
