import { Command } from "commander";

export type DoctorOptions = Readonly<{ json?: true }>;

/** `neoblast doctor`: what this machine has for the program, what is missing, and how to get it. */
export function doctorCommand(): Command {
  return new Command("doctor")
    .description(
      "Says what this machine has for the program, what is missing, and how to get it. Exit status 1 where training a picture does not work.",
    )
    .option("--json", "print one JSON object instead of the lines")
    .action(async (options: DoctorOptions) => {
      const { doctor } = await import("./action.ts");
      await doctor(options);
    });
}
