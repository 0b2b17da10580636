import { html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { fieldAt } from "../../../src/config/config.ts";
import { type GrowingConfig, growingPresetNames } from "../../../src/experiments/growing/schema.ts";
import { type Choices, configOf } from "../choices.ts";
import { Part, valueOf } from "../ui/part.ts";

/** Units and bounds of settings, where their names do not say them. */
const UNITS: Readonly<Record<string, string>> = {
  initial: "what training begins with: random or pretrained",
  "target.padding": "empty cells around the picture",
  "target.seeds": "picture, or [down, right] of each from the centre",
  "training.steps": "training steps",
  "training.batch": "samples a step, 1 to 256",
  "training.rollout": "automaton steps: [fewest, most]",
  "training.learningRate": "at its peak",
  "training.schedule": "of the learning rate after its peak",
  "training.warmup": "training steps up to the peak",
  "training.optimizer": "adam or muon",
  "training.gradient.normalize": "each tensor by its own norm: true or false",
  "training.gradient.clip": "largest norm, or null",
  "training.loss.placement": "last, random or mean",
  "training.loss.from": "part of the rollout, 0 to 1",
  "training.loss.every": "automaton steps",
  "training.loss.overflow": "weight of values outside [-1, 1]",
  "training.loss.coordinates": "weight of cells that know where they are",
  "training.pool": "states to return to, or null",
  "training.pool.size": "states",
  "training.pool.reseed": "samples of a batch",
  "training.pool.damaged": "samples of a batch",
  "training.pool.switched": "samples of a batch",
  "training.pool.damage": "kinds of damage",
  "training.average": "decay of the running mean, or null",
  "training.work": "most cell updates in millions, or null",
  "training.reach": "cells; where the picture is farther, rollouts are longer",
  "training.validation": "of models along the way, or null",
  "training.validation.aim": "relative error that ends training, 0 to 1",
  "training.validation.bound": "largest relative error that is good",
  "training.validation.every": "training steps",
  "training.validation.runs": "from the seed",
  "training.validation.steps": "automaton steps at which they are measured",
  "rule.channels": "numbers a cell, 1 to 64",
  "rule.kernels": "what a cell sees",
  "rule.boundary": "zero or wrap",
  "rule.hidden": "units of each layer",
  "rule.inputSize": "numbers in the input of a cell",
  "rule.outputBias": "true or false",
  "rule.alive.mask": "both, after or none",
  "rule.alive.channel": "channel number",
  "rule.alive.threshold": "of the alive channel",
  "rule.fireRate": "probability, 0 to 1",
  "rule.stepSize": "factor on each update",
  "rule.image.offset": "channel number",
  "rule.image.channels": "3 or 4",
  "rule.image.premultiplied": "true or false",
  "rule.seed.from": "channel number",
  "rule.seed.to": "channel number, not included",
};

/** Characters for which half the width is enough. */
const NARROW = 18;

const GROUPS = [
  ["Training", "training", (path: string) => path !== "training.pool" && !path.startsWith("training.pool.")],
  ["Pool", "training", (path: string) => path === "training.pool" || path.startsWith("training.pool.")],
  ["Grid and rule", "rule", () => true],
] as const;

/** Every setting of the configuration, generated from it. Fires `choices`. */
export class SettingsDrawer extends Part {
  static override properties = {
    choices: { attribute: false },
    config: { attribute: false },
    source: { attribute: false },
  };
  declare choices: Choices;
  /** The last one without a fault. */
  declare config: GrowingConfig;
  declare source: string;

  override render() {
    const { choices } = this;
    const plain = configOf({ ...choices, sets: {} }, this.source);
    const changed = Object.keys(choices.sets).length;
    return html`<details class="drawer">
      <summary>
        Advanced${changed > 0 ? html` <span class="count">${changed} changed</span>` : nothing}
      </summary>
      <div class="stack">
        <label class="field">
          <span>Preset</span>
          <select @change=${this.#preset}>
            ${growingPresetNames.map(
              (name) => html`<option ?selected=${name === choices.preset}>${name}</option>`,
            )}
          </select>
        </label>
        ${GROUPS.map(([title, part, own]) => {
          const paths = [
            ...(part === "rule" ? ["target.padding", "target.seeds"] : []),
            ...(title === "Training" ? ["initial"] : []),
            ...leaves(fieldAt(this.config, part), part),
          ].filter(own);
          return html`<h3>${title}</h3>
            <div class="settings">
              ${repeat(
                paths,
                (path) => path,
                (path) => this.#setting(path, plain),
              )}
            </div>`;
        })}
        <button type="button" ?disabled=${changed === 0} @click=${() => this.#change({ sets: {} })}>
          Back to the defaults
        </button>
      </div>
    </details>`;
  }

  #setting(path: string, plain: GrowingConfig) {
    const own = this.choices.sets[path];
    const usual = textOf(fieldAt(plain, ...path.split(".")));
    const now = own ?? textOf(fieldAt(this.config, ...path.split(".")));
    return html`<label class="field" ?data-wide=${usual.length > NARROW} ?data-changed=${own !== undefined}>
      <span>${nameOf(path)}</span>
      <input
        .value=${now}
        autocomplete="off"
        spellcheck="false"
        @change=${(event: Event) => this.#set(path, valueOf(event).trim(), usual)}
      />
      <small>${UNITS[path] ?? ""}${own === undefined ? nothing : html` · default ${usual}`}</small>
    </label>`;
  }

  #set(path: string, text: string, usual: string): void {
    const { [path]: _, ...others } = this.choices.sets;
    this.#change({ sets: text === "" || text === usual ? others : { ...others, [path]: text } });
    this.requestUpdate();
  }

  readonly #preset = (event: Event): void => {
    const name = valueOf(event);
    const preset = growingPresetNames.find((each) => each === name);
    if (preset) this.#change({ preset, imported: undefined });
  };

  #change(change: Partial<Choices>): void {
    this.emit("choices", { ...this.choices, ...change });
  }
}

/** Paths of the settings within one. Lists, and settings that may change their kind, are one setting. */
function leaves(value: unknown, path: string): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [path];
  if ("kind" in value || "over" in value) return [path];
  return Object.entries(value).flatMap(([name, inner]) => leaves(inner, `${path}.${name}`));
}

/** As a person would type it. */
function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "").replaceAll(",", ", ");
}

function nameOf(path: string): string {
  const words = path
    .replace(/^(?:training|rule|target)\./, "")
    .replaceAll(".", " ")
    .replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
