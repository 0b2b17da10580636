// The reference of the command line, out of what its help is made of.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { explanationText } from "../../dist/cli/help.js";
import { commandLine } from "../../dist/cli/main.js";

/** Writes a page a command, an overview, and `sidebar.json`. */
export async function writeCommands(folder) {
  mkdirSync(folder, { recursive: true });
  const program = await commandLine();
  const commands = program.commands.filter((command) => command.name() !== "help");
  for (const command of commands) writeFileSync(join(folder, `${command.name()}.md`), pageOf(command));
  writeFileSync(join(folder, "README.md"), overviewOf(program, commands));
  const items = commands.map((command) => ({
    text: command.name(),
    link: `/reference/commands/${command.name()}`,
  }));
  const sidebar = [{ text: "Commands", link: "/reference/commands/", items }];
  writeFileSync(join(folder, "sidebar.json"), JSON.stringify(sidebar));
}

const CODES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "{": "&#123;", "}": "&#125;" };

/** A text that means nothing in HTML, in a template or in a table's cell. */
const escaped = (text) =>
  text.replaceAll(/[&<>|{}]/g, (sign) => CODES[sign]).replaceAll(/[\\*_[\]]/g, "\\$&");

const code = (text) => `<code>${text.replaceAll(/[&<>|{}]/g, (sign) => CODES[sign])}</code>`;

const line = (cells) => `| ${cells.join(" | ")} |`;

function tableOf(heads, rows) {
  return ["", line(heads), line(heads.map(() => "---")), ...rows.map(line)];
}

function optionTables(command, level) {
  const help = command.createHelp();
  const groups = new Map();
  for (const option of help.visibleOptions(command)) {
    const heading = option.helpGroupHeading ?? "Options:";
    groups.set(heading, [...(groups.get(heading) ?? []), option]);
  }
  return [...groups].flatMap(([heading, options]) => [
    "",
    `${"#".repeat(level)} ${heading.replace(/:$/, "")}`,
    ...tableOf(
      ["option", ""],
      options.map((option) => [code(help.optionTerm(option)), escaped(help.optionDescription(option))]),
    ),
  ]);
}

function sectionOf(command, name, level) {
  const help = command.createHelp();
  const words = help.visibleArguments(command);
  const after = explanationText(command);
  return [
    `${"#".repeat(level)} neoblast ${name}`,
    "",
    escaped(help.commandDescription(command)),
    "",
    "```sh",
    help.commandUsage(command),
    "```",
    ...(words.length === 0
      ? []
      : tableOf(
          ["argument", ""],
          words.map((word) => [code(help.argumentTerm(word)), escaped(help.argumentDescription(word))]),
        )),
    ...optionTables(command, level + 1),
    ...(after === "" ? [] : ["", "```text", after, "```"]),
    ...command.commands.flatMap((each) => ["", ...sectionOf(each, `${name} ${each.name()}`, level + 1)]),
  ];
}

const pageOf = (command) => `${sectionOf(command, command.name(), 1).join("\n")}\n`;

function overviewOf(program, commands) {
  const help = program.createHelp();
  const rows = commands.map((command) => [
    `[${command.name()}](/reference/commands/${command.name()})`,
    escaped(help.subcommandDescription(command)),
  ]);
  const lines = ["# Commands", "", escaped(program.description()), ...tableOf(["command", ""], rows)];
  return `${[...lines, "", "```text", explanationText(program), "```"].join("\n")}\n`;
}
