// The proof of the engine beside this file: the suite that every engine passes. Needs vitest and fast-check.
import { conformance } from "neoblast/conformance";
import { createOwnEngine } from "./engine.mjs";

// One case in four and few random ones, so that it takes seconds; leave both out for all.
conformance("an engine of one's own", async () => createOwnEngine(), { runs: 4, part: 4 });
