/** The options of commands that have to do with a queue. */
import type { Option } from "commander";
import { PASSWORD_VARIABLE, queueAddress, type QueueAddress } from "../cluster/queue/address.ts";
import { anyText, type Kind, number, option } from "./values.ts";

/** Values of {@link queueOptions}. */
export type QueueOptions = Readonly<{
  queue?: string;
  /** Of the members, the part that is judged twice, from 0 to 1. */
  verify?: number;
  tag?: string;
  /** Seconds that the queue may be away. */
  patience?: number;
}>;

/** Seconds that a queue may be away, unless another time is asked for. */
export const PATIENCE = 600;

const TAG = /^[a-z0-9][a-z0-9-]{0,29}$/;

/** What work can ask for and workers have. */
export const tagKind: Kind<string> = {
  allowed: "a word of small letters, digits and hyphens, at most 30 long, such as gpu",
  parse: (text) => (TAG.test(text) ? text : undefined),
};

/** A part, in per cent. */
const percentKind: Kind<number> = {
  allowed: "a part in per cent, from 0% to 100%, such as 1%",
  parse(text) {
    const part = text.endsWith("%") ? number(0, 100).parse(text.slice(0, -1)) : undefined;
    return part === undefined ? undefined : part / 100;
  },
};

export function queueOption(does: string): Option {
  return option("--queue <address>", does, anyText);
}

export function patienceOption(): Option {
  return option(
    "--patience <seconds>",
    `how long the queue may be away before this gives up (default: ${PATIENCE})`,
    number(0, 1e6),
  );
}

export function verifyOption(): Option {
  return option(
    "--verify <part>",
    "members that two workers judge, so that one that lies is found out, such as 1% (default: 0%)",
    percentKind,
  );
}

export function tagOption(): Option {
  return option("--tag <word>", "only workers that joined with this tag do the work (default: any)", tagKind);
}

/**
 * Where the queue is.
 *
 * @throws UserError, exit status 2, for what is no address, or has a password in it.
 */
export function addressOf(queue: string): QueueAddress {
  return queueAddress(queue, process.env[PASSWORD_VARIABLE]);
}
