import type { ControllerDescriptor } from './controller-context.ts';

/**
 * What `--controllers` picks from the list, in the list's order: `*` means all that are on by default, a name adds
 * one, `-name` takes one away; the first mention of a controller counts. Throws on a name that does not exist.
 */
export function selectControllers(
  all: readonly ControllerDescriptor[],
  wanted: readonly string[],
): ControllerDescriptor[] {
  const known = new Set(all.flatMap(({ name, aliases }) => [name, ...aliases]));
  const unknown = wanted.filter((each) => each !== '*' && !known.has(each.replace(/^-/, '')));
  if (unknown.length > 0) {
    throw new Error(
      `--controllers: ${unknown.map((each) => JSON.stringify(each)).join(', ')} is not in the list of known controllers`,
    );
  }
  return all.filter((each) => {
    for (const word of wanted) {
      const name = word.replace(/^-/, '');
      if (each.name === name || each.aliases.includes(name)) return !word.startsWith('-');
    }
    return wanted.includes('*') && !each.disabledByDefault;
  });
}
