// The proof of the engine beside this file: the suite that every engine passes. Needs vitest and fast-check.
import { conformance } from "neoblast/conformance";
import { createOwnEngine } from "./engine.mjs";

conformance("an engine of one's own", async () => createOwnEngine(), { runs: 4 });
