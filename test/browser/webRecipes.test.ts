/** The recipes of `examples/web`, installed from the packed checkout, built, served, and looked at in Chromium. */
import { execFile, fork } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { launchChromium } from "./chromium.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const recipes = join(root, "examples/web");
const gallery = join(root, "playground/public/gallery");
const names = readdirSync(recipes, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** What npm says where there is no way to the registry. */
const NO_WAY = /\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT)\b/;

const manifestOf = (name: string) => JSON.parse(readFileSync(join(recipes, name, "package.json"), "utf8"));

let place: string;
let browser: Browser;
let unreached = "";
let sirv: (folder: string, options: { dev: boolean }) => RequestListener;

/** Runs words of a shell in a folder, as npm runs scripts. @throws what it printed, where it fails. */
async function run(folder: string, words: string): Promise<string> {
  const bin = join(place, "node_modules/.bin");
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}`, NEXT_TELEMETRY_DISABLED: "1" };
  // What vitest sets is not what a reader has.
  for (const name of ["NODE_ENV", "VITEST", "NODE_OPTIONS"]) Reflect.deleteProperty(env, name);
  const options = { cwd: folder, env, shell: true, maxBuffer: 1e8 } as const;
  return promisify(execFile)(words, [], options).then(
    ({ stdout }) => stdout,
    (error: { stdout: string; stderr: string }) => {
      throw new Error(`${words}: ${error.stdout}${error.stderr}`);
    },
  );
}

/** All recipes with what they need, in one installation. */
beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "neoblast-recipes-"));
  const answer = await run(place, "npm ping --fetch-retries=1").catch(String);
  if (NO_WAY.test(answer)) {
    unreached = "the registry of npm is not reached, from which the frameworks come";
    return;
  }
  const packed = JSON.parse(
    await run(root, `npm pack --ignore-scripts --json --pack-destination "${place}"`),
  );
  const dependencies: Record<string, string> = {};
  for (const name of names)
    Object.assign(dependencies, manifestOf(name).dependencies, manifestOf(name).devDependencies);
  dependencies["neoblast"] = `file:${packed[0].filename}`;
  writeFileSync(join(place, "package.json"), JSON.stringify({ private: true, dependencies }));
  await run(place, "npm install --prefer-offline --no-audit --no-fund --ignore-scripts");
  ({ default: sirv } = await import(pathToFileURL(join(place, "node_modules/sirv/build.mjs")).href));
  for (const name of names) cpSync(join(recipes, name), join(place, name), { recursive: true });
  browser = await launchChromium();
}, 600_000);
afterAll(async () => {
  await browser?.close();
  rmSync(place, { recursive: true, maxRetries: 3 });
});

async function listen(listener: RequestListener): Promise<Server> {
  const server = createServer((request, response) => {
    // The browser asks for it by itself.
    if (request.url === "/favicon.ico") response.writeHead(204).end();
    else listener(request, response);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return server;
}

async function stop(server: Server): Promise<void> {
  await new Promise((done) => {
    server.close(done);
    server.closeAllConnections();
  });
}

function originOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server does not listen");
  return `http://127.0.0.1:${address.port}`;
}

/** A page, which may ask for nothing elsewhere and complain of nothing. */
async function look(origin: string, use: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 480, height: 560 } });
  try {
    const page = await context.newPage();
    const complaints: string[] = [];
    const foreign: string[] = [];
    page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", ({ message }) => complaints.push(message));
    page.on("request", (request) => {
      if (!/^(?:blob:|data:)/.test(request.url()) && !request.url().startsWith(`${origin}/`))
        foreign.push(request.url());
    });
    await page.goto(origin);
    await use(page);
    expect(complaints).toEqual([]);
    expect(foreign).toEqual([]);
  } finally {
    await context.close();
  }
}

/** How many of the cells that are drawn are there. */
const living = (page: Page) =>
  page.evaluate(() => {
    const { canvas } = document.querySelector("nca-canvas")!;
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d")!;
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((value, i) => i % 4 === 3 && value > 0).length;
  });

/** It grows and counts its steps; then its view is changed by the list, and half of it goes by the button. */
async function playWith(page: Page): Promise<void> {
  await page.waitForSelector("nca-canvas");
  await expect.poll(() => living(page), { timeout: 60_000 }).toBeGreaterThan(400);
  const steps = async () => Number(/(\d+) steps/.exec(await page.innerText("body"))?.[1]);
  const first = await steps();
  expect(first).toBeGreaterThan(10);
  await expect.poll(steps, { timeout: 20_000 }).toBeGreaterThan(first);
  await page.selectOption("select", "alive");
  await expect.poll(() => page.getAttribute("nca-canvas", "view")).toBe("alive");
  const edited = page.evaluate(
    () =>
      new Promise((done) => addEventListener("nca-edit", ({ detail }) => done(detail.kind), { once: true })),
  );
  await page.click("button");
  expect(await edited).toBe("cut");
}

/** Where a recipe's page comes from, before and after it is built. */
const pages: Readonly<Record<string, { model: string; output: string }>> = {
  html: { model: ".", output: "." },
  offline: { model: ".", output: "." },
  notebook: { model: ".", output: ".observable/dist" },
  next: { model: "public", output: "out" },
};

/** Checks and builds a recipe, beside a model, and serves what comes of it. */
async function serve(name: string): Promise<Server> {
  const folder = join(place, name);
  const { model, output } = pages[name] ?? { model: "public", output: "dist" };
  mkdirSync(join(folder, model), { recursive: true });
  cpSync(join(gallery, "lizard.safetensors"), join(folder, model, "model.safetensors"));
  const { check, build } = manifestOf(name).scripts;
  for (const script of [check, build]) if (script) await run(folder, script);
  return listen(sirv(join(folder, output), { dev: true }));
}

const usual = async (name: string) => {
  const server = await serve(name);
  await look(originOf(server), playWith);
  await stop(server);
};

/** For pages that are not built: what is installed lies beside them. */
function installBeside(name: string): void {
  mkdirSync(join(place, name, "node_modules"));
  symlinkSync(join(place, "node_modules/neoblast"), join(place, name, "node_modules/neoblast"), "junction");
}

/** In place of the package `electron`, whose program is not to be had here: what a window opens is served by HTTP. */
const ELECTRON = `
  import { createServer } from "node:http";
  import { readFile } from "node:fs/promises";
  const types = { html: "text/html", js: "text/javascript", css: "text/css" };
  let privileged, handler;
  export const app = { whenReady: async () => {}, on() {}, quit() {} };
  export const protocol = {
    registerSchemesAsPrivileged: (schemes) => (privileged = schemes.map(({ scheme }) => scheme)),
    handle: (scheme, handle) => (handler = privileged.includes(scheme) && handle),
  };
  export const net = {
    fetch: async (url) =>
      new Response(await readFile(new URL(url)), { headers: { "content-type": types[url.split(".").at(-1)] ?? "" } }),
  };
  export class BrowserWindow {
    async loadURL(page) {
      const server = createServer(async ({ url }, response) => {
        if (url === "/favicon.ico") return response.writeHead(204).end();
        const answer = await handler(new Request(new URL(url, page)));
        response.writeHead(answer.status, Object.fromEntries(answer.headers));
        response.end(Buffer.from(await answer.arrayBuffer()));
      });
      server.listen(0, "127.0.0.1", () => process.send(server.address().port));
    }
  }`;

const tests: Readonly<Record<string, () => Promise<void>>> = {
  html: async () => {
    installBeside("html");
    await usual("html");
  },
  react: async () => {
    // What the element's description shows is type-checked with the recipe.
    const description = readFileSync(join(root, "docs/element.md"), "utf8");
    writeFileSync(join(place, "react/src/described.tsx"), /```tsx\n(.+?)```/s.exec(description)![1]);
    await usual("react");
  },
  vue: () => usual("vue"),
  svelte: () => usual("svelte"),
  notebook: () => usual("notebook"),
  next: async () => {
    await usual("next");
    // It came from the server so.
    const page = readFileSync(join(place, "next/out/index.html"), "utf8");
    expect(page).toContain('<nca-canvas src="model.safetensors" view="picture"></nca-canvas>');
  },
  electron: async () => {
    const folder = join(place, "electron");
    cpSync(join(gallery, "lizard.safetensors"), join(folder, "model.safetensors"));
    await run(
      folder,
      "tsc --noEmit --allowJs --checkJs --skipLibCheck --noImplicitAny false --target es2022 --module nodenext --types node main.js",
    );
    const electron = join(folder, "node_modules/electron");
    mkdirSync(electron, { recursive: true });
    writeFileSync(join(electron, "package.json"), `{ "type": "module", "exports": "./index.js" }`);
    writeFileSync(join(electron, "index.js"), ELECTRON);
    const main = fork(join(folder, "main.js"), { execArgv: [], stdio: "pipe" });
    try {
      const [port] = await once(main, "message");
      await look(`http://127.0.0.1:${port}`, playWith);
    } finally {
      main.kill();
    }
  },
  offline: async () => {
    installBeside("offline");
    const server = await serve("offline");
    await look(originOf(server), async (page) => {
      await playWith(page);
      await page.evaluate(() => navigator.serviceWorker.ready);
      await stop(server);
      await page.context().setOffline(true);
      await page.reload();
      await playWith(page);
    });
  },
  training: async () => {
    const server = await serve("training");
    await look(originOf(server), async (page) => {
      await page.setInputFiles("input", join(gallery, "mushroom.png"));
      const loss = async () => Number(/loss (\S+)/.exec(await page.innerText("output"))?.[1]);
      await expect.poll(loss, { timeout: 60_000 }).toBeGreaterThan(0);
      const first = await loss();
      await expect.poll(loss, { timeout: 60_000 }).toBeLessThan(first / 2);
      await expect.poll(() => living(page), { timeout: 20_000 }).toBeGreaterThan(100);
    });
    await stop(server);
  },
};

it("all recipes have a test, and a line in the examples' README", () => {
  expect(names.toSorted()).toEqual(Object.keys(tests).toSorted());
  const readme = readFileSync(join(root, "examples/README.md"), "utf8");
  for (const name of names) expect(readme).toContain(`\`${name}/\``);
});

describe("in Chromium", () => {
  beforeEach((context) => {
    if (unreached) context.skip(unreached);
  });

  it.each(Object.keys(tests))("%s", (name) => tests[name](), 300_000);
});
