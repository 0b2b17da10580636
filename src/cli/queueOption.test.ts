/** Wrong calls of commands that have to do with a queue: one sentence and exit status 2, before anything is begun. */
import { expect, it } from "vitest";
import { call } from "../../test/commandLine.ts";

const ADDRESS = ["--queue", "redis://127.0.0.1:1/0"];

it.each([
  [["worker"], "required option '--queue <address>' not specified"],
  [
    ["worker", "--queue", "host"],
    "--queue must be an address such as redis://host:6379/0, or rediss://host:6379/0 with TLS",
  ],
  [
    ["worker", ...ADDRESS, "--tags", "GPU"],
    '--tags is "GPU"; it must be a list such as A,B,C, each a word of small letters',
  ],
  [
    ["worker", ...ADDRESS, "--engine", "webgpu", "--threads", "2"],
    "the webgpu engine has neither threads nor kernels to choose from; leave those options out",
  ],
  [["evolve", "🦋", "--verify", "1%"], "--verify is for work on other machines; name their queue by --queue"],
  [
    ["evolve", "🦋", ...ADDRESS, "--verify", "0.01"],
    "--verify is 0.01; it must be a part in per cent, from 0% to 100%, such as 1%",
  ],
  [["evolve", "🦋", "--queue", "redis://me:secret@host/0"], "--queue has a password in it"],
  [["grow", "🦋", ...ADDRESS], "unknown option '--queue'"],
])("%j", async (args, sentence) => {
  const { code, stdout, stderr } = await call(args);
  expect(stderr).toContain(`neoblast: ${sentence}`);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
});

it.each([["worker"], ["queue", "status"]])(
  "%s %s: a queue that is not there is a failure",
  async (...words) => {
    const { code, stderr } = await call([...words.filter(Boolean), ...ADDRESS]);
    expect(stderr).toContain(
      "neoblast: cannot reach the queue at redis://127.0.0.1:1/0: nobody listens there; see that Redis or Valkey runs there, or name another by --queue\n",
    );
    expect(code).toBe(1);
  },
);
