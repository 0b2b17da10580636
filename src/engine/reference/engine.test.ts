import { conformance } from "../conformance.case.ts";
import { referenceEngine } from "./engine.ts";

conformance("the reference, float32", async () => referenceEngine());
conformance("the reference, float64", async () => referenceEngine({ precision: "float64" }), { runs: 10 });
