// What a benchmark does on the playground's page.
const canvas = () => document.querySelector("nca-canvas");
const frame = () => new Promise(requestAnimationFrame);
const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Puts the model at play on another grid, if it is not there yet, and grows it for so many steps. */
export async function grow(grid, grown) {
  const { provenance, ...model } = canvas().model;
  canvas().load({ ...model, provenance: { ...provenance, grid } });
  canvas().speed = Infinity;
  canvas().play();
  while (canvas().simulation.steps < grown) await frame();
}

/** Milliseconds between frames while it plays, and its steps a second. */
export async function play(speed, seconds) {
  canvas().speed = speed;
  canvas().play();
  await wait(300);
  const { simulation } = canvas();
  const [began, before] = [performance.now(), simulation.steps];
  const intervals = [];
  let last = began;
  while (last - began < 1000 * seconds) {
    await frame();
    const now = performance.now();
    intervals.push(now - last);
    last = now;
  }
  const rate = (1000 * (simulation.steps - before)) / (last - began);
  canvas().pause();
  return { intervals, rate };
}

/** Waits for something, at most so many seconds. */
async function until(what, isSo, seconds) {
  const deadline = performance.now() + 1000 * seconds;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`waited ${seconds} seconds for ${what}`);
    await wait(5);
  }
}

/**
 * Drops a configuration on the page, and starts training.
 *
 * @param playing whether what is learned is played meanwhile, as it is for visitors.
 * @returns seconds that a step takes between two of its steps, and the threads that it uses.
 */
export async function train(config, from, to, playing) {
  const panel = document.querySelector("train-panel");
  const { seed, training } = JSON.parse(config);
  const data = new DataTransfer();
  data.items.add(new File([config], "config.json"));
  dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
  const taken = () => panel.config.training.steps === training.steps && panel.config.seed === seed;
  await until("the configuration", () => taken() && document.querySelector("raster-canvas"), 20);
  panel.querySelector(".actions .first").click();
  const step = () => {
    if (panel.state === "failed") throw new Error("training failed on the page");
    return document.querySelector("watch-panel progress")?.value ?? 0;
  };
  await until(`step ${from}`, () => step() >= from, 120);
  if (!playing) canvas().pause();
  const [first, began] = [step(), performance.now()];
  await until(`step ${to}`, () => step() >= to, 240);
  const { threads } = panel.session.ready;
  return { seconds: (performance.now() - began) / 1000 / (step() - first), threads };
}
