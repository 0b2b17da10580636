// What a benchmark does on the playground's page.
const canvas = () => document.querySelector("nca-canvas");
const frame = () => new Promise(requestAnimationFrame);
const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Puts the model at play on another grid, if it is not there yet, and grows it for 200 steps. */
export async function grow(grid) {
  const { provenance, ...model } = canvas().model;
  canvas().load({ ...model, provenance: { ...provenance, grid } });
  canvas().speed = Infinity;
  canvas().play();
  while (canvas().simulation.steps < 200) await frame();
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

/** Drops a configuration on the page, starts training, and gives the seconds a step takes between two of its steps. */
export async function train(config, from, to) {
  const data = new DataTransfer();
  data.items.add(new File([config], "config.json"));
  dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
  await wait(500);
  document.querySelector("train-panel .actions .first").click();
  let first;
  for (;;) {
    await wait(5);
    const step = document.querySelector("watch-panel progress")?.value ?? 0;
    if (step >= from) first ??= { step, at: performance.now() };
    if (step >= to) return (performance.now() - first.at) / 1000 / (step - first.step);
  }
}
