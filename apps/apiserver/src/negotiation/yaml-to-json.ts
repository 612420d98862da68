import { parseDocument } from 'yaml';

/** More aliases than any manifest has; fewer than an alias bomb needs. */
const MAX_ALIASES = 100;

/** Text that is no YAML. */
export class YamlError extends Error {}

/**
 * YAML text as JSON text, with the duplicate keys that strict decoding refuses: one error for all of them, as go-yaml
 * words it. Throws YamlError.
 */
export function yamlToJson(text: string): { json: string; strictErrors: string[] } {
  const document = parseDocument(text, { version: '1.1', uniqueKeys: true, logLevel: 'silent' });
  const duplicates = document.errors.filter((error) => error.code === 'DUPLICATE_KEY');
  const broken = document.errors.find((error) => error.code !== 'DUPLICATE_KEY');
  if (broken) throw new YamlError(`yaml: ${broken.message.split('\n')[0] ?? ''}`);
  const strictErrors = duplicates.map(
    ({ linePos, pos }) =>
      `  line ${linePos?.[0].line ?? 0}: key ${JSON.stringify(keyAt(text, pos[0]))} already set in map`,
  );
  try {
    return {
      json: JSON.stringify(document.toJS({ maxAliasCount: MAX_ALIASES }) ?? null),
      strictErrors: strictErrors.length === 0 ? [] : [`yaml: unmarshal errors:\n${strictErrors.join('\n')}`],
    };
  } catch (error) {
    throw new YamlError(`yaml: ${(error as Error).message}`);
  }
}

/** The mapping key that begins here, without its quotes. */
function keyAt(text: string, start: number): string {
  const [, double, single, plain] = /^(?:"([^"]*)"|'([^']*)'|([^:\n]*))/.exec(text.slice(start)) ?? [];
  return (double ?? single ?? plain ?? '').trim();
}
