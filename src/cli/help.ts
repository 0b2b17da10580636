/** Help that fits a screen: `--help` leaves out what few need, `--help-all` nothing. */
import { type Command, CommanderError, Help, Option } from "commander";
import type { Example } from "../experiments/experiment.ts";
import { say } from "./terminal/print.ts";

/** What stands below a command's options. */
export type Explanation = Readonly<{
  /** Paragraphs, each a line that is wrapped. */
  notes?: string;
  /** The most useful first: `--help` shows three. */
  examples: readonly Example[];
}>;

const FEW = 3;
const WIDTH = 80;

const rare = new WeakSet<Option | Command>();
const explanations = new WeakMap<Command, Explanation>();

/** Marks an option, or a command, that `--help` leaves out. */
export function rarely<T extends Option | Command>(part: T): T {
  rare.add(part);
  return part;
}

/** Says below a command's options what its help cannot say in a line. */
export function explain(command: Command, explanation: Explanation): Command {
  explanations.set(command, explanation);
  return command;
}

/** The calls that a command's help shows. */
export function examplesOf(command: Command): readonly Example[] {
  return explanations.get(command)?.examples ?? [];
}

/** Notes and all examples of a command; empty where there are none. */
export function explanationText(command: Command, width = WIDTH): string {
  const { notes } = explanations.get(command) ?? {};
  const parts = notes === undefined ? [] : [new Help().boxWrap(notes, width)];
  return [...parts, ...exampleText(examplesOf(command))].join("\n\n");
}

function exampleText(examples: readonly Example[]): string[] {
  if (examples.length === 0) return [];
  // An emoji is two columns wide and two units long.
  const width = Math.max(...examples.map(([call, does]) => (does === undefined ? 0 : call.length)));
  const lines = examples.map(([call, does]) =>
    does === undefined ? `  ${call}` : `  ${call.padEnd(width)}  ${does}`,
  );
  return [["Examples:", ...lines].join("\n")];
}

/** Gives a program and all commands below it such help, and wrong calls of them the way to it. */
export function fitHelp(program: Command): void {
  program.configureHelp({
    formatHelp: (command, { helpWidth }) =>
      leavesOut(command) ? shortHelp(command, helpWidth) : wholeHelp(command, helpWidth),
    subcommandTerm: (command) => command.name(),
  });
  fit(program);
}

function fit(command: Command): void {
  command.configureOutput({ outputError: (text) => say(`neoblast: ${wrongCall(command, text)}`) });
  const all = new Option("--help-all", "print all options, notes and examples").helpGroup("Options:");
  command.addOption(leavesOut(command) ? all : all.hideHelp());
  command.on("option:help-all", () => {
    const output = command.configureOutput();
    output.writeOut?.(wholeHelp(command, output.getOutHelpWidth?.()));
    throw new CommanderError(0, "commander.helpDisplayed", "(outputHelp)");
  });
  for (const each of command.commands) {
    each.copyInheritedSettings(command);
    fit(each);
  }
}

function leavesOut({ options, commands }: Command): boolean {
  return [...options, ...commands].some((part) => rare.has(part));
}

function wholeHelp(command: Command, width = WIDTH): string {
  return textOf([partsText(command.createHelp(), command, width), explanationText(command, width)]);
}

function shortHelp(command: Command, width = WIDTH): string {
  const whole = command.createHelp();
  const [options, commands] = [whole.visibleOptions(command), whole.visibleCommands(command)];
  const help = Object.assign(command.createHelp(), {
    visibleOptions: () => options.filter(isCommon),
    visibleCommands: () => commands.filter(isCommon),
  });
  return textOf([
    partsText(help, command, width),
    ...exampleText(examplesOf(command).slice(0, FEW)),
    help.boxWrap(moreText(command, { options, commands }), width),
  ]);
}

/** What the last line speaks of. */
const HELP: ReadonlySet<string> = new Set(["help", "help-all"]);

function isCommon(part: Option | Command): boolean {
  return !rare.has(part) && !HELP.has(part.name());
}

/** What is left out, and how to see it. */
function moreText(
  command: Command,
  { options, commands }: Readonly<{ options: readonly Option[]; commands: readonly Command[] }>,
): string {
  const path = pathOf(command);
  const names = commands.filter((each) => rare.has(each)).map((each) => each.name());
  if (names.length > 0) {
    return `More commands: ${names.join(", ")}.\n${path} COMMAND --help says how to use one, ${path} --help-all lists all.`;
  }
  const count = options.filter((each) => rare.has(each)).length;
  return `${count} more ${count === 1 ? "option" : "options"}, notes and examples: ${path} --help-all`;
}

function partsText(help: Help, command: Command, width: number): string {
  help.prepareContext({ helpWidth: width });
  return Help.prototype.formatHelp.call(help, command, help);
}

function textOf(parts: readonly string[]): string {
  return `${parts
    .map((part) => part.trimEnd())
    .filter((part) => part !== "")
    .join("\n\n")}\n`;
}

/** What commander says of a wrong call, in one sentence, and which help has what would be right. */
function wrongCall(command: Command, text: string): string {
  const said = text
    .replace(/^error: /, "")
    .replace(/\n\(Did (.*\?)\)/, "; did $1")
    .replace(/\. Expected (\d+) arguments? but got (\d+)\./, ": it takes $1, not $2")
    .replace("it takes 0,", "it takes none,")
    .trim();
  const help = `${pathOf(command)} --help`;
  const step = said.startsWith("unknown command")
    ? `${help} lists the commands`
    : said.startsWith("unknown option")
      ? `${help}${leavesOut(command) ? "-all" : ""} lists the options`
      : said.includes("cannot be used with")
        ? "leave one of them out"
        : `${help} says what it takes`;
  return `${said}${said.endsWith("?") ? "" : ";"} ${step}`;
}

/** How a command is called: `neoblast sweep report`. */
function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}
