// What goes on inside cells in one step, by the plain step: what each cell perceives, what its hidden units answer, and
// the update that comes of it; and the hidden units that answer most.
import { fireMask, startState, stepForward } from "neoblast";
import { createEngine, loadModel } from "neoblast/node";

const [path = "playground/public/gallery/lizard.safetensors"] = process.argv.slice(2);
const engine = await createEngine();
const model = await loadModel(path);
const { rule, parameters, provenance } = model;
const { grid } = provenance;
const steps = 60;
const states = [startState(model, grid)];
const { final } = await engine.rollout({ rule, grid, parameters, states, steps, seed: 0 });
const state = await final[0].read();
await engine.dispose();

const fired = fireMask(rule, grid, 0, 0, steps);
const { activations, next, cellUpdates } = stepForward({ rule, grid, parameters }, state, fired);
const [perceptions, hidden, deltas] = activations;
const cells = grid[0] * grid[1];
for (const [name, values] of Object.entries({ perceptions, hidden, deltas })) {
  console.log(`${name}: ${cells} cells x ${values.length / cells} numbers`);
}
console.log(
  `${cellUpdates} cells changed by at most ${Math.max(...next.map((v, i) => Math.abs(v - state[i])))}`,
);

const units = rule.hidden[0];
const sums = Float64Array.from({ length: units }, (_, unit) => {
  let sum = 0;
  for (let cell = 0; cell < cells; cell++) sum += hidden[cell * units + unit];
  return sum;
});
const most = [...sums.keys()].toSorted((a, b) => sums[b] - sums[a]).slice(0, 5);
for (const unit of most)
  console.log(`hidden unit ${unit} answers with ${sums[unit].toFixed(1)} over all cells`);
console.log(`${sums.filter((sum) => sum === 0).length} of ${units} hidden units are silent`);
