import { layerSizes, networkTable } from "../rule/parameters.ts";
import type { Rule } from "../rule/rule.ts";

/**
 * The automaton that a rule with an input is while its cells get one input: it has no input, and what the input
 * would add to the first layer is in that layer's bias. Equal but for rounding.
 *
 * @param input of length `rule.inputSize`. @throws RangeError for another length.
 */
export function conditionedAutomaton(
  rule: Rule,
  parameters: Float32Array,
  input: Float32Array,
): { rule: Rule; parameters: Float32Array } {
  if (input.length !== rule.inputSize) {
    throw new RangeError(`the input has ${input.length} numbers; this rule needs ${rule.inputSize}`);
  }
  const [inputs, outputs] = layerSizes(rule);
  // Of a single linear layer, the bias may be missing.
  const conditioned: Rule = {
    ...rule,
    inputSize: 0,
    outputBias: rule.outputBias || rule.hidden.length === 0,
  };
  const [first, second] = networkTable(rule);
  const seen = first.offset + (inputs - rule.inputSize) * outputs;
  const hasBias = second?.shape.length === 1;
  const end = first.offset + first.size;
  const bias = Float64Array.from({ length: outputs }, (_, i) => (hasBias ? parameters[end + i] : 0));
  for (const [row, value] of input.entries()) {
    for (let i = 0; i < outputs; i++) bias[i] += value * parameters[seen + row * outputs + i];
  }
  const rest = parameters.subarray(hasBias ? end + outputs : end);
  return {
    rule: conditioned,
    parameters: Float32Array.of(...parameters.subarray(0, seen), ...bias, ...rest),
  };
}
