import type { Command } from "commander";
import { print } from "../terminal/print.ts";
import { wordsOf } from "../values.ts";
import type { Shell } from "./command.ts";

type Flag = Readonly<{
  /** With dashes: the long one first. */
  names: readonly string[];
  description: string;
  takesValue: boolean;
  /** The words that its value may be; empty where any may follow. */
  words: readonly string[];
}>;

type Completed = Readonly<{
  name: string;
  description: string;
  flags: readonly Flag[];
  /** Words that may follow it: of commands with commands of their own, these. */
  words: readonly string[];
}>;

/** Prints the script for all commands of a program. */
export function completion(shell: Shell, program: Command): void {
  const { name, subcommands } = { name: program.name(), subcommands: commandsOf(program) };
  const write = { bash, zsh, fish }[shell];
  print(...write(name, subcommands).split("\n"));
}

function commandsOf(program: Command): Completed[] {
  const help = program.createHelp();
  return help.visibleCommands(program).map((command) => ({
    name: command.name(),
    description: help.subcommandDescription(command),
    words: command.commands.map((each) => each.name()),
    flags: help.visibleOptions(command).map((option) => ({
      names: [option.long, option.short].filter((flag) => typeof flag === "string"),
      description: option.description,
      takesValue: option.required || option.optional,
      words: wordsOf(option),
    })),
  }));
}

/** Without a meaning of its own in what zsh is told of an option. */
const plain = (text: string) => text.replaceAll(/[[\]:\\]/g, "\\$&");

const single = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

function bash(program: string, commands: readonly Completed[]): string {
  const cases = commands.map(({ name, flags, words }) => {
    const values = flags
      .filter(({ takesValue }) => takesValue)
      .map(
        ({ names, words: own }) => `        ${names.join("|")}) words=${single(own.join(" "))}; value=1 ;;`,
      );
    const choose = values.length > 0 ? `\n      case $before in\n${values.join("\n")}\n      esac` : "";
    const options = flags.flatMap(({ names }) => names.slice(0, 1)).join(" ");
    return `    ${name})
      options=${single(options)}; words=${single(words.join(" "))}${choose} ;;`;
  });
  return `# Completes ${program} in bash.
_${program}() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
  local command= options= words= value= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    if [[ \${COMP_WORDS[i]} != -* ]]; then command=\${COMP_WORDS[i]}; break; fi
  done
  case $command in
    '') words=${single(commands.map(({ name }) => name).join(" "))} ;;
${cases.join("\n")}
  esac
  [[ $word == -* && -z $value ]] && words=$options
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _${program} ${program}`;
}

/** An option as `_arguments` has it. */
function specification({ names, description, takesValue, words }: Flag): string[] {
  const value = words.length > 0 ? `:value:(${words.join(" ")})` : ":value:_files";
  return names.map((name) => single(`${name}[${plain(description)}]${takesValue ? value : ""}`));
}

function zsh(program: string, commands: readonly Completed[]): string {
  const described = commands.map(({ name, description }) => `    ${single(`${name}:${plain(description)}`)}`);
  const cases = commands.map(({ name, flags, words }) => {
    const rest = words.length > 0 ? `*:command:(${words.join(" ")})` : "*:file:_files";
    const lines = [...flags.flatMap(specification), single(rest)];
    return `      ${name}) _arguments \\\n        ${lines.join(" \\\n        ")} ;;`;
  });
  return `#compdef ${program}
# Completes ${program} in zsh.
_${program}() {
  local curcontext="$curcontext" state line
  typeset -A opt_args
  local -a commands=(
${described.join("\n")}
  )
  _arguments -C '1:command:->command' '*::rest:->rest'
  case $state in
    command) _describe command commands ;;
    rest) case $line[1] in
${cases.join("\n")}
    esac ;;
  esac
}
# Loaded as a function of a folder of fpath, the first call completes; read as a script, it registers.
if [[ $funcstack[1] == _${program} ]]; then _${program} "$@"; else compdef _${program} ${program}; fi`;
}

function fish(program: string, commands: readonly Completed[]): string {
  const lines = commands.flatMap(({ name, description, flags, words }) => {
    const seen = `-n '__fish_seen_subcommand_from ${name}'`;
    const flag = ({ names, description: says, takesValue, words: own }: Flag) => {
      const named = names.map((each) =>
        each.startsWith("--") ? `-l ${each.slice(2)}` : `-s ${each.slice(1)}`,
      );
      const value = own.length > 0 ? ` -xa ${single(own.join(" "))}` : " -r";
      return `complete -c ${program} ${seen} ${named.join(" ")}${takesValue ? value : ""} -d ${single(says)}`;
    };
    return [
      `complete -c ${program} -n __fish_use_subcommand -xa ${name} -d ${single(description)}`,
      ...(words.length > 0 ? [`complete -c ${program} ${seen} -xa ${single(words.join(" "))}`] : []),
      ...flags.map(flag),
    ];
  });
  return [`# Completes ${program} in fish.`, ...lines].join("\n");
}
