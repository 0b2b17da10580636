#!/usr/bin/env node
import { existsSync } from "node:fs";

const entry = new URL("../dist/cli/main.js", import.meta.url);
if (existsSync(entry)) {
  try {
    const { endSoon, main } = await import(entry);
    await main(process.argv.slice(2));
    endSoon();
  } catch (error) {
    const why =
      error.code === "EMFILE" ? "too many files are open (ulimit -n)" : error.message.split("\n")[0];
    console.error(`neoblast: cannot start: ${why}`);
    process.exitCode = 1;
  }
} else {
  console.error("neoblast: this copy of the source is not built yet; run npm run build in its folder");
  process.exitCode = 1;
}
