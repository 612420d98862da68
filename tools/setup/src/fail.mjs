/** Something is missing that only the user can mend; the message says what and how, in one line. */
export class SetupError extends Error {}

/** Runs an entry point: what it throws becomes one line and exit code 1. */
export async function main(run) {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`error: ${error.message}\n`);
    process.exit(1);
  }
}
