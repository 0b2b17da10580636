#!/usr/bin/env node
import { existsSync } from "node:fs";

const entry = new URL("../dist/bin/main.js", import.meta.url);
/** Fewer open files than this may not do for all modules, which are read at the same time. */
const ENOUGH_FILES = 256;

if (existsSync(entry)) {
  try {
    const { endSoon, main } = await import(entry);
    await main(process.argv.slice(2));
    endSoon();
  } catch (error) {
    const [, missing] = /^Cannot find package '([^']+)'/.exec(error.message) ?? [];
    const { soft } = process.report.getReport().userLimits?.open_files ?? {};
    const tooFew = soft < ENOUGH_FILES && `it may open ${soft} files only (ulimit -n)`;
    const reason = missing
      ? `the package ${missing} is not installed: npm install ${missing}`
      : tooFew || error.message.split("\n")[0];
    console.error(`neoblast: cannot start: ${reason}`);
    process.exitCode = 1;
  }
} else {
  console.error("neoblast: this copy of the source is not built yet; run npm run build in its folder");
  process.exitCode = 1;
}
