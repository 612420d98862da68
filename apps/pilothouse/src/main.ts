import { enableCompileCache } from 'node:module';
import { COMMANDS } from './commands/index.ts';
import { UserError } from './user-error.ts';
import { COMPILE_CACHE } from './repository.ts';

enableCompileCache(COMPILE_CACHE);

const [name, ...args] = process.argv.slice(2);
const command = COMMANDS.find((each) => each.name === name);

if (command) {
  try {
    process.exitCode = await command.run(args);
  } catch (error) {
    const expected = error instanceof UserError;
    process.stderr.write(`error: ${expected ? error.message : ((error as Error).stack ?? String(error))}\n`);
    process.exitCode = 1;
  }
} else {
  const width = Math.max(...COMMANDS.map((each) => each.name.length));
  const list = COMMANDS.map((each) => `  ${each.name.padEnd(width)}  ${each.summary}`).join('\n');
  const usage = `A Kubernetes control plane in TypeScript.\n\nUsage: pilothouse <command> [flags]\n\n${list}\n`;
  const asked = name === undefined || name === 'help' || name === '--help' || name === '-h';
  (asked ? process.stdout : process.stderr).write(asked ? usage : `error: unknown command ${name}\n\n${usage}`);
  process.exitCode = asked ? 0 : 1;
}
