// The programs that `bench/gpu.mjs` compares with, on the same card: started together, checked and warm before one is timed.
import { availableParallelism } from "node:os";
import { startPeer, torch } from "../peers/peers.mjs";
import { alternate } from "./turns.mjs";
import { TF32_TOLERANCE } from "./verify.mjs";

/** Seconds that one answer may take of a peer that is warm. */
const TURN_LIMIT = 30;
/** Several programs share the card: none may take all of its memory beforehand. */
const ENVIRONMENT = {
  XLA_PYTHON_CLIENT_PREALLOCATE: "false",
  TF_CPP_MIN_LOG_LEVEL: "2",
  // The last line that JAX writes is then the reason.
  JAX_TRACEBACK_FILTERING: "off",
};

const jax = { module: "jax", install: "jax[cuda13]", name: "JAX", args: [] };
const cax = { module: "cax", install: "cax", name: "CAX", script: "cax_step.py", args: [] };
/** `card`: makes sense on a card only. `extra`: only with --all. `tf32`: products in fewer bits. */
const pytorch = (script, args, more) => ({
  ...torch,
  name: ["PyTorch", ...args].join(" "),
  script,
  args,
  ...more,
});
const tf32 = { extra: true, card: true, tf32: true };

export const PEERS = {
  training: [
    pytorch("torch_step.py", []),
    pytorch("torch_step.py", ["--linear"], { extra: true }),
    pytorch("torch_step.py", ["--graph"], { card: true }),
    pytorch("torch_step.py", ["--compile", "--graph"], { card: true }),
    pytorch("torch_step.py", ["--compile", "--graph", "--tf32"], tf32),
    { ...jax, script: "jax_step.py" },
    { ...jax, script: "jax_step.py", name: "JAX --tf32", args: ["--tf32"], ...tf32 },
    cax,
    { ...cax, name: "CAX --tf32", args: ["--tf32"], ...tf32 },
  ],
  dense: [
    pytorch("torch_step.py", []),
    pytorch("torch_step.py", ["--linear", "--compile"], { card: true }),
    pytorch("torch_step.py", ["--linear", "--compile", "--tf32"], tf32),
    { ...jax, script: "jax_step.py" },
    { ...jax, script: "jax_step.py", name: "JAX --tf32", args: ["--tf32"], ...tf32 },
    { ...cax, extra: true },
  ],
  population: [
    pytorch("torch_population.py", []),
    pytorch("torch_population.py", ["--compile"], { card: true }),
    { ...jax, script: "jax_population.py" },
  ],
  texture: [
    pytorch("torch_texture.py", ["--automaton"]),
    pytorch("torch_texture.py", ["--automaton", "--compile", "--graph"], { card: true }),
  ],
  textureTraining: [pytorch("torch_texture.py", [], { extra: true })],
  product: [pytorch("torch_product.py", [])],
};

/**
 * Times our side beside each peer. The peers of a case start together, since most of their time goes into starting and
 * compiling, and our side is made ready meanwhile; then each is checked, and takes turns with ours alone.
 *
 * @param folder of the workload that the peers read.
 * @param ours resolves to `name`, to `verify(out, answers, name, tolerance)`, which returns what was verified of the peer that
 *   wrote to `out` and answered its first steps so, and to `works`: what is timed, by the folder inside `folder` that has the
 *   peers' workload ("" for itself), each `{ what, step }`.
 * @param places those folders. @param checked whether the peers write what they compute.
 * @returns `verified`, `measurements` and `skipped` for a report.
 */
export async function besidePeers(peers, { folder, places = [""], checked = true }, ours, context) {
  const verified = [];
  const skipped = [];
  const turns = new Map(places.map((place) => [place, { ours: [], theirs: [] }]));
  for (const group of context.apart ? peers.map((peer) => [peer]) : [peers]) {
    context.say(`beside ${group.map(({ name }) => name).join(", ")}`);
    const [own, started] = await Promise.allSettled([
      ours,
      startPeers(group, { folder, places, checked }, context),
    ]);
    try {
      if (own.status === "rejected") throw own.reason;
      for (const { peer, reason, stepper, out, answers } of started.value) {
        if (reason) {
          skipped.push({ name: peer.name, reason });
          continue;
        }
        const { name } = stepper;
        try {
          const found = own.value.verify(out, answers, name, peer.tf32 ? TF32_TOLERANCE : undefined);
          verified.push(...[found].flat());
          for (const place of places) {
            context.say(`in turns with ${name}`);
            const theirs = async () => (await stepper.ask(`step ${place}`)).seconds;
            const [our, their] = await alternate([own.value.works[place].step, theirs], context);
            turns.get(place).ours.push(...our);
            turns.get(place).theirs.push({ name, their, ratios: their.map((s, i) => s / our[i]) });
          }
        } catch (error) {
          skipped.push({ name, reason: error.message });
        }
      }
    } finally {
      for (const { stepper } of started.value) stepper?.close();
    }
  }
  const { name, works } = await ours;
  const measurements = [];
  for (const [place, { ours: our, theirs }] of turns) {
    const { what, step } = works[place];
    if (our.length === 0) our.push(...(await alternate([step], context))[0]);
    measurements.push({ what, sides: [{ name, seconds: our }, ...theirs.map(toSide)] });
  }
  return { verified, measurements, skipped };
}

const toSide = ({ name, their, ratios }) => ({ name, seconds: their, ratios });

/** Those that run, checked and warm, and why the others do not. */
export function startPeers(peers, work, context) {
  return Promise.all(peers.map((peer, index) => readyPeer(peer, `out${index}`, work, context)));
}

async function readyPeer(peer, out, { folder, places, checked }, context) {
  const { device, limit, hung } = context;
  const key = [peer.module, ...peer.args].join(" ");
  if (device === "none") return { peer, reason: "--device none" };
  if (peer.extra && !context.all) return { peer, reason: "--all includes it" };
  if (peer.card && device === "cpu") return { peer, reason: "it is for graphics cards" };
  if (hung.has(key)) return { peer, reason: "it did not answer in time before" };
  const until = performance.now() + 1000 * limit;
  let stepper;
  const ask = (command) => {
    stepper.limit = Math.max(1, Math.ceil((until - performance.now()) / 1000));
    return stepper.ask(command);
  };
  try {
    const args = [...peer.args, "--device", device];
    const options = { quiet: !context.loud, env: ENVIRONMENT };
    stepper = await startPeer({ ...peer, args, limit }, folder, availableParallelism(), options);
    context.peers.add(stepper);
    if (checked) await ask(`check ${out}`);
    const answers = {};
    for (const place of places) answers[place] = await ask(`step ${place}`);
    stepper.limit = TURN_LIMIT;
    return { peer, stepper, out, answers };
  } catch (error) {
    stepper?.close();
    if (performance.now() < until) return { peer, reason: error.message };
    hung.add(key);
    return { peer, reason: `not ready within ${limit} seconds` };
  }
}
