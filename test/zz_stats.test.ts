import { it } from "vitest";
import { namedCases, longCases } from "/work/main/src/engine/conformance/cases.case.ts";
import { drawScenario, isDelicate } from "/work/main/src/engine/conformance/scenario.case.ts";
import { scaleOf } from "/work/main/src/engine/conformance/compare.case.ts";
import { referenceEngine } from "/work/main/src/engine/reference/engine.ts";
import { parameterTable } from "/work/main/src/rule/parameters.ts";
import { aliveMask } from "/work/main/src/engine/reference/masks.ts";
import { stepsOf } from "/work/main/src/engine/request.ts";
it("stats", async () => {
  for (const [name, what] of Object.entries({...namedCases, ...longCases})) {
    const t0=performance.now();
    let seed = 1; while (isDelicate(drawScenario(what, seed), {kinks: !(name in longCases)})) seed++;
    const t1=performance.now();
    const { request, cotangents } = drawScenario(what, seed);
    const keep = (s: number) => Array.from({ length: stepsOf(request, s) + 1 }, (_, i) => i);
    const rs = []; const gs = [];
    for (const precision of ["float32", "float64"] as const) {
      const r = await referenceEngine({ precision }).rollout({ ...request, keep, record: true });
      rs.push(r); gs.push(await r.backward({ cotangents, states: true }));
    }
    const t2=performance.now();
    let born = 0, died = 0, scale = 0, err = 0;
    for (const s of request.states.keys()) {
      let before: Uint8Array | undefined;
      for (const k of keep(s)) {
        const a = await rs[0].kept(s, k).read(), b = await rs[1].kept(s, k).read();
        scale = Math.max(scale, scaleOf(b));
        for (let i = 0; i < a.length; i++) err = Math.max(err, Math.abs(a[i] - b[i]) / (1e-5 + 1e-4 * Math.abs(b[i])));
        const m = aliveMask(request.rule, request.grid, b);
        if (before) m.forEach((v, i) => { if (v > before![i]) born++; if (v < before![i]) died++; });
        before = m;
      }
    }
    let gerr = 0;
    const sets = (g: any) => Array.isArray(g.parameters) ? g.parameters : [g.parameters];
    sets(gs[1]).forEach((b: Float32Array, j: number) => { for (const { offset, size } of parameterTable(request.rule)) {
      const B = b.subarray(offset, offset + size), A = sets(gs[0])[j].subarray(offset, offset + size); const sc = scaleOf(B);
      for (let i = 0; i < size; i++) if (A[i] !== B[i]) gerr = Math.max(gerr, Math.abs(A[i] - B[i]) / (1e-5 * sc + 1e-4 * Math.abs(B[i])));
    }});
    let serr=0, gsc=0;
    gs[1].states!.forEach((B, j) => { const A = gs[0].states![j], sc = scaleOf(B); gsc=Math.max(gsc,sc); for (let i=0;i<B.length;i++) if (A[i]!==B[i]) serr=Math.max(serr, Math.abs(A[i]-B[i])/(1e-5*sc+1e-4*Math.abs(B[i])));});
    console.log(`${seed}\t${(t1-t0)|0}/${(t2-t1)|0}ms\tborn ${born}\tdied ${died}\tscale ${scale.toFixed(2)}\tstate ${err.toFixed(4)}\tgrad ${gerr.toFixed(4)}\tdS ${serr.toFixed(4)} ${gsc.toFixed(1)}\t${name}`);
  }
});
