import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { UserError } from "../errors.ts";
import { downloadFiles, downloadMnist, type KnownFile, MNIST_FILES } from "./download.ts";

const contents = { one: Buffer.alloc(100_000, 1), two: Buffer.from("two") };
const files: readonly KnownFile[] = Object.entries(contents).map(([name, bytes]) => ({
  name,
  bytes: bytes.length,
  sha256: createHash("sha256").update(bytes).digest("hex"),
}));

let root: string;
let server: Server;
let base: string;
let folder: string;
let asked: string[];
/** Answers for `two`; `one` is always well. */
let answer: (response: ServerResponse) => void;

/** Starts a server on a free port, and returns its address. */
async function listen(listener: Server): Promise<number> {
  await new Promise<void>((listening) => listener.listen(0, "127.0.0.1", listening));
  const address = listener.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "neoblast-download-"));
  server = createServer((request, response) => {
    asked.push(request.url!);
    if (request.url === "/data/one") response.end(contents.one);
    else answer(response);
  });
  base = `http://127.0.0.1:${await listen(server)}/data/`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  rmSync(root, { recursive: true });
});
beforeEach(() => {
  folder = join(mkdtempSync(join(root, "case-")), "new", "folder");
  asked = [];
  answer = (response) => response.end(contents.two);
});
afterEach(() => {
  if (!existsSync(folder)) return;
  const parts = readdirSync(folder).filter((name) => !(name in contents));
  expect(parts).toEqual([]);
});

describe("downloadFiles", () => {
  it("fetches the files into a new folder and reports the progress", async () => {
    const seen: number[] = [];
    await downloadFiles(folder, files, {
      base,
      onProgress: (done, total) => {
        expect(total).toBe(100_003);
        seen.push(done);
      },
    });
    expect(readFileSync(join(folder, "one"))).toEqual(contents.one);
    expect(readFileSync(join(folder, "two"))).toEqual(contents.two);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBe(100_003);
    expect(asked).toEqual(["/data/one", "/data/two"]);
  });

  it("fetches only what is missing", async () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "one"), contents.one);
    await downloadFiles(folder, files, { base: base.slice(0, -1) });
    await downloadFiles(folder, files, { base });
    expect(asked).toEqual(["/data/two"]);
  });

  it("never replaces another file of the same name", async () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "two"), "my own");
    await expect(downloadFiles(folder, files, { base })).rejects.toThrow(
      new UserError(
        `${join(folder, "two")} is there already, but is another file; move it away or download into another folder`,
      ),
    );
    expect(readFileSync(join(folder, "two"), "utf8")).toBe("my own");
  });

  it.each<[string, (response: ServerResponse) => void, string]>([
    [
      "a missing file",
      (response) => response.writeHead(404).end("no"),
      "cannot download URL: the server answers 404 Not Found",
    ],
    [
      "a wrong checksum",
      (response) => response.end("owt"),
      "URL is not the file that it should be: its checksum is wrong",
    ],
    [
      "a file that ends too soon",
      (response) => response.end("tw"),
      "URL is not the file that it should be: it has 2 instead of 3 bytes",
    ],
    [
      "a file that goes on",
      (response) => response.end("two and more"),
      "URL is not the file that it should be: it has more than 3 bytes",
    ],
    [
      "a connection that breaks",
      (response) => {
        response.writeHead(200, { "content-length": 3 });
        response.write("t", () => setTimeout(() => response.destroy(), 50));
      },
      "cannot download URL: the connection broke after 1 of 3 bytes",
    ],
    [
      "a server that falls silent",
      (response) => void response.write("t"),
      "cannot download URL: nothing has come in for 0.3 seconds",
    ],
    [
      "a server that says nothing at all",
      () => undefined,
      "cannot download URL: nothing has come in for 0.3 seconds",
    ],
  ])("reports %s in one sentence, keeps the rest and goes on from there", async (_, wrong, sentence) => {
    answer = wrong;
    await expect(downloadFiles(folder, files, { base, stallSeconds: 0.3 })).rejects.toThrow(
      new UserError(sentence.replace("URL", `${base}two`)),
    );
    expect(readdirSync(folder)).toEqual(["one"]);

    answer = (response) => response.end(contents.two);
    await downloadFiles(folder, files, { base });
    expect(readdirSync(folder).toSorted()).toEqual(["one", "two"]);
    expect(asked).toEqual(["/data/one", "/data/two", "/data/two"]);
  });

  it("reports that there is no connection", async () => {
    const closed = createServer();
    const port = await listen(closed);
    await new Promise((done) => closed.close(done));
    await expect(downloadFiles(folder, files, { base: `http://127.0.0.1:${port}/data` })).rejects.toThrow(
      new UserError(
        `cannot download http://127.0.0.1:${port}/data/one: there is no connection to the server (ECONNREFUSED)`,
      ),
    );
  });

  it("stops when it is asked to", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    answer = () => controller.abort(reason);
    await expect(downloadFiles(folder, files, { base, signal: controller.signal })).rejects.toBe(reason);
    expect(readdirSync(folder)).toEqual(["one"]);
  });

  it("says where it cannot write", async () => {
    writeFileSync(join(root, "file"), "");
    await expect(downloadFiles(join(root, "file", "folder"), files, { base })).rejects.toThrow(
      `${join(root, "file")} is a file, not a folder`,
    );
  });
});

describe("downloadMnist", () => {
  it("asks for the four files, and takes no others for them", async () => {
    expect(MNIST_FILES.map(({ name }) => name)).toEqual([
      "train-images-idx3-ubyte.gz",
      "train-labels-idx1-ubyte.gz",
      "t10k-images-idx3-ubyte.gz",
      "t10k-labels-idx1-ubyte.gz",
    ]);
    await expect(downloadMnist(folder, { base })).rejects.toThrow(
      `${base}train-images-idx3-ubyte.gz is not the file that it should be: it has 3 instead of 9912422 bytes`,
    );
    expect(asked).toEqual(["/data/train-images-idx3-ubyte.gz"]);
  });
});
