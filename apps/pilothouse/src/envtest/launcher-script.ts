/**
 * A program of one file that starts one of our apps. `exec` makes it that process, so that whoever started it stops the
 * app itself by its id.
 */
export function launcherScript(node: string, main: string, env: Readonly<Record<string, string>>): string {
  const exported = Object.entries(env).map(([name, value]) => `export ${name}=${quote(value)}\n`);
  return `#!/bin/sh\n${exported.join('')}exec ${quote(node)} ${quote(main)} "$@"\n`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
