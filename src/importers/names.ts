/** Names of tensors as frameworks write them: `net.0.weight`, `update/layers/0/kernel.value`, `conv2d/kernel:0`, `('update', 'layers', 0, 'bias')`. */

/** Words for what a tensor is to its layer, alone or as part of a name: `weight`, `fc1_bias`, `w1`, `W_hidden`, `conv1_b`. */
const ROLE = /_?(?:weights?|kernels?|bias(?:es)?)|^[wb](?:_(?=\D)|(?=_?\d*$))|_[wb]$/i;
/** The same as a module that lists tensors by their numbers: `weights.0`, `biases.0`. */
const LIST = /^(?:weights?|kernels?|bias(?:es)?|[wb])$/i;
/** What Flax ends the names of variables with, and TensorFlow's checkpoints. */
const WRAPPER = /^(?:raw_)?value$/;
const CHECKPOINTED = /\/\.ATTRIBUTES\/VARIABLE_VALUE$/;
/** Number of the output of an operation of TensorFlow. */
const OUTPUT = /:\d+$/;

const OPTIMIZER =
  /^(?:opt(?:im(?:i[sz]er)?)?(?:_(?:weights|states?|state_dict|variables|slots?|vars))?|adam[aw]?x?|nadam|adagrad|adadelta|adafactor|rmsprop|sgd|ftrl|lion|lamb|lars)(?:_\d+)?$/i;
const SLOT = /^(?:momentum|velocity|rms|adam|adagrad|rmsprop|ftrl)(?:_\d+)?$/i;
const COUNTER =
  /^(?:beta_?[12]_power(?:_\d+)?|global_step|save_counter|iterations?|iter|learning_rate|decay)$/i;

const byNumbers = new Intl.Collator("en", { numeric: true });

/** The modules on the way to a tensor, and its own name last. */
export function nameParts(name: string): string[] {
  const plain = name.replace(OUTPUT, "").replace(CHECKPOINTED, "");
  const parts = plain.match(/[\p{L}\p{N}_-]+/gu) ?? [];
  return parts.length > 1 && WRAPPER.test(parts[parts.length - 1]) ? parts.slice(0, -1) : parts;
}

/** The layer that a tensor belongs to: its name without the word for weight or bias, joined by dots. */
export function layerName(name: string): string {
  const parts = nameParts(name);
  const own = parts.pop()?.replace(ROLE, "");
  const modules = own !== undefined && /^\d+$/.test(own) ? parts.filter((part) => !LIST.test(part)) : parts;
  return [...modules, ...(own ? [own] : [])].join(".");
}

/** Whether a name says that the tensor is a weight or a bias. */
export function saysRole(name: string): boolean {
  const parts = nameParts(name);
  return ROLE.test(parts[parts.length - 1] ?? "") || parts.some((part) => LIST.test(part));
}

/** Whether a weight is called a kernel, which Keras, TensorFlow and Flax do, whose weights are (in, out). */
export function isCalledKernel(name: string): boolean {
  return nameParts(name).some((part) => /^(?:\w*_)?kernels?(?:_\d+)?$/i.test(part));
}

/** A tensor's place among those that are named by their numbers, such as `arr_0`, `arr_1`; undefined for others. */
export function placeOf(name: string): { series: string; place: number } | undefined {
  const parts = nameParts(name);
  const own = parts.pop() ?? "";
  const digits = own.length - own.replace(/\d{1,9}$/, "").length;
  if (digits === 0) return undefined;
  const at = own.length - digits;
  return { series: [...parts, own.slice(0, at)].join("."), place: Number(own.slice(at)) };
}

/** Whether a tensor is an optimiser's, or counts its steps, and so is no part of a model. */
export function isOptimizers(name: string): boolean {
  const parts = nameParts(name);
  const own = parts[parts.length - 1] ?? "";
  return (
    name.includes("OPTIMIZER_SLOT") ||
    parts.some((part) => OPTIMIZER.test(part)) ||
    (parts.length > 1 && SLOT.test(own)) ||
    COUNTER.test(own)
  );
}

/** Whether a tensor is, or belongs to, what a person names. */
export function belongsTo(name: string, named: string): boolean {
  const parts = nameParts(name);
  const wanted = nameParts(named);
  return wanted.length > 0 && wanted.every((part, i) => parts[i] === part);
}

/** Names part by part in the order of their numbers: `net.2` before `net.10`, `conv2d/bias` before `conv2d_1/bias`. */
export function compareNames(a: string, b: string): number {
  const [one, other] = [nameParts(a), nameParts(b)];
  const at = one.findIndex((part, i) => part !== other[i]);
  const byParts =
    at < 0 ? one.length - other.length : at === other.length ? 1 : byNumbers.compare(one[at], other[at]);
  return byParts || (a < b ? -1 : Number(a > b));
}

/** A name cut to a readable length. */
export function shortName(name: string): string {
  return name.length > 60 ? `${name.slice(0, 60)}…` : name;
}

/** A name in a sentence. */
export function quoteName(name: string): string {
  return JSON.stringify(shortName(name));
}
