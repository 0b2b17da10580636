// A worker process that is not as it should be: node oddWorker.mjs QUEUE {"slow": milliseconds, "clock": milliseconds, "lies": true}
// What it says is what a worker says.
const [, , queue, text] = process.argv;
const { slow = 0, clock = 0, lies = false } = JSON.parse(text);

const now = Date.now;
Date.now = () => now() + clock;

const { queueAddress } = await import("../../dist/cluster/queue/address.js");
const { work } = await import("../../dist/cluster/queue/worker.js");
const { membersKind } = await import("../../dist/cluster/members/kind.js");
const { createEngine } = await import("../../dist/node/engine.js");

/** Takes so long for each member, and says that each is twice as good as it is. */
const oddKind = {
  ...membersKind,
  async run(input, context) {
    const judged = await membersKind.run(input, context);
    await new Promise((resolve) => setTimeout(resolve, slow * input.count));
    return lies ? { ...judged, losses: judged.losses.map((loss) => loss / 2) } : judged;
  },
};

const leave = new AbortController();
process.on("SIGINT", () => leave.abort());
const engine = await createEngine({ threads: 1, kernels: "strict" });
const options = {
  engine,
  threads: 1,
  kinds: [oddKind],
  name: `odd-${process.pid}`,
  tags: [],
  lock: 1,
  patience: 30,
  say: (line) => process.stderr.write(`${line}\n`),
};
await work(queueAddress(queue, ""), options, leave.signal);
await engine.dispose();
