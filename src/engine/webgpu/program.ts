/** The shaders of a rule, compiled when they are first needed. */
import type { Comparison, LossTerm } from "../../engine.ts";
import type { Rule } from "../../rule/rule.ts";
import { type Device, DeviceError, firstLine } from "./device.ts";
import type { Plan, Tuning } from "./layout.ts";
import { planOf } from "./plan.ts";
import { gatherShader, pullShader, REDUCE_SHADER } from "./shaders/backward.ts";
import { compareShader } from "./shaders/compare.ts";
import { STEP_WORDS } from "./shaders/common.ts";
import { lossesShader, shapeOf } from "./shaders/losses.ts";
import { ROUND_SHADER, maskShader, senseShader, updateShader } from "./shaders/forward.ts";

const COMPUTE = 4;

type Kind = "read-only-storage" | "storage";

/** How buffers are bound: two uniforms, the second one with an offset, and storage buffers. */
const LAYOUTS = {
  forward: [
    "read-only-storage",
    "read-only-storage",
    "read-only-storage",
    "storage",
    "storage",
    "storage",
    "storage",
  ],
  backward: [
    "read-only-storage",
    "read-only-storage",
    "read-only-storage",
    "storage",
    "read-only-storage",
    "read-only-storage",
    "storage",
    "storage",
  ],
  compare: ["read-only-storage", "read-only-storage", "storage"],
  losses: ["read-only-storage", "read-only-storage", "read-only-storage", "storage", "storage"],
} as const satisfies Record<string, readonly Kind[]>;
export type LayoutName = keyof typeof LAYOUTS;

/** Most storage buffers that a shader binds. */
export const MOST_STORAGE_BUFFERS = Math.max(...Object.values(LAYOUTS).map(({ length }) => length));

/** Layouts of bindings and shaders, which rules share where they are the same, and the programs of the rules used so far. */
export class Programs {
  readonly #device: Device;
  readonly #layouts: Record<LayoutName, GPUBindGroupLayout>;
  readonly #known = new Map<string, Program>();
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>();
  readonly #tuning: Tuning;

  constructor(device: Device, tuning: Tuning) {
    this.#device = device;
    this.#tuning = tuning;
    const layout = (kinds: readonly Kind[]) =>
      device.gpu.createBindGroupLayout({
        entries: [
          { binding: 0, visibility: COMPUTE, buffer: { type: "uniform" } },
          {
            binding: 1,
            visibility: COMPUTE,
            buffer: { type: "uniform", hasDynamicOffset: true, minBindingSize: STEP_WORDS * 4 },
          },
          ...kinds.map((type, i) => ({ binding: 2 + i, visibility: COMPUTE, buffer: { type } })),
        ],
      });
    this.#layouts = {
      forward: layout(LAYOUTS.forward),
      backward: layout(LAYOUTS.backward),
      compare: layout(LAYOUTS.compare),
      losses: layout(LAYOUTS.losses),
    };
  }

  of(rule: Rule): Program {
    const key = JSON.stringify(rule);
    const known = this.#known.get(key) ?? new Program(planOf(rule, this.#tuning), this);
    this.#known.set(key, known);
    return known;
  }

  /** Rounds weights to half precision; bound by its own layout. */
  round(): Promise<GPUComputePipeline> {
    return this.compiled(ROUND_SHADER);
  }

  /** Adds gradients up; bound by its own layout. */
  reduce(): Promise<GPUComputePipeline> {
    return this.compiled(REDUCE_SHADER);
  }

  /** @param layout of its bindings; default: what the shader says. */
  compiled(code: string, layout?: LayoutName): Promise<GPUComputePipeline> {
    let pipeline = this.#pipelines.get(code);
    if (!pipeline) {
      const { gpu } = this.#device;
      pipeline = this.#device.guard(
        gpu.createComputePipelineAsync({
          layout: layout ? gpu.createPipelineLayout({ bindGroupLayouts: [this.#layouts[layout]] }) : "auto",
          compute: { module: gpu.createShaderModule({ code }) },
        }),
      );
      pipeline = pipeline.catch((error: unknown) => {
        if (error instanceof DeviceError || !(error instanceof Error)) throw error;
        const why = firstLine(error.message);
        throw new DeviceError(`the graphics device does not compile a shader: ${why}`, { cause: error });
      });
      this.#pipelines.set(code, pipeline);
    }
    return pipeline;
  }

  /** @param buffers grid, step, and storage buffers in the order of the layout. */
  bind(name: LayoutName, [grid, step, ...storage]: readonly GPUBuffer[]): GPUBindGroup {
    return this.#device.gpu.createBindGroup({
      layout: this.#layouts[name],
      entries: [
        { binding: 0, resource: { buffer: grid } },
        { binding: 1, resource: { buffer: step, size: STEP_WORDS * 4 } },
        ...storage.map((buffer, i) => ({ binding: 2 + i, resource: { buffer } })),
      ],
    });
  }
}

/** The pipelines of one rule. */
export class Program {
  readonly plan: Plan;
  readonly #programs: Programs;
  /** Written once: it takes as long as a short rollout. */
  readonly #codes = new Map<string, string>();

  constructor(plan: Plan, programs: Programs) {
    this.plan = plan;
    this.#programs = programs;
  }

  sense(): Promise<GPUComputePipeline> {
    return this.#pipeline("sense", "forward", () => senseShader(this.plan));
  }

  update(graft: boolean): Promise<GPUComputePipeline> {
    return this.#pipeline(`update ${graft}`, "forward", () => updateShader(this.plan, graft));
  }

  mask(): Promise<GPUComputePipeline> {
    return this.#pipeline("mask", "forward", () => maskShader(this.plan));
  }

  pull(): Promise<GPUComputePipeline> {
    return this.#pipeline("pull", "backward", () => pullShader(this.plan));
  }

  gather(): Promise<GPUComputePipeline> {
    return this.#pipeline("gather", "backward", () => gatherShader(this.plan));
  }

  compare(comparison: Comparison): Promise<GPUComputePipeline> {
    return this.#programs.compiled(compareShader(this.plan, comparison), "compare");
  }

  losses(terms: readonly LossTerm[]): Promise<GPUComputePipeline> {
    return this.#pipeline(`losses ${shapeOf(terms)}`, "losses", () => lossesShader(this.plan, terms));
  }

  #pipeline(name: string, layout: LayoutName, codeOf: () => string): Promise<GPUComputePipeline> {
    const code = this.#codes.get(name) ?? codeOf();
    this.#codes.set(name, code);
    return this.#programs.compiled(code, layout);
  }
}
