/** A subcommand: `flightsql <name> …`. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What `--help` prints. */
  readonly help: string;
  /** Runs it with the arguments behind its name; resolves to the exit code. */
  run(args: readonly string[]): Promise<number>;
}
