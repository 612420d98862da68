import type { ProtoModel, ProtoPackage } from './parse-proto.ts';
import { HEADER, isSpecial } from './typescript-types.ts';

/**
 * Every type under its plain name where that is unique; where several packages say the same name, kinds go before
 * other messages, core before other groups and newer versions before older. Each package is also exported whole:
 * `resourceV1beta1.ResourceClaim`.
 */
export function typesIndex(model: ProtoModel): string {
  const taken = new Map<string, ProtoPackage>();
  const packages = [...model.packages].sort(byPreference);
  for (const kindsFirst of [true, false]) {
    for (const each of packages) {
      for (const message of each.messages) {
        if (isSpecial(each, message) || message.isKind !== kindsFirst || taken.has(message.name)) continue;
        taken.set(message.name, each);
      }
    }
  }
  const lines: string[] = [];
  for (const each of packages) {
    const names = [...taken].filter(([, owner]) => owner === each).map(([name]) => name);
    if (names.length > 0) lines.push(`export type { ${names.sort().join(', ')} } from './types/${each.slug}.ts';`);
  }
  for (const each of packages) {
    if (each.groupVersion) lines.push(`export type * as ${camel(each.slug)} from './types/${each.slug}.ts';`);
  }
  return `${HEADER}${lines.join('\n')}\n`;
}

function byPreference(a: ProtoPackage, b: ProtoPackage): number {
  const rank = ({ slug }: ProtoPackage): number =>
    (slug === 'core-v1' ? 0 : slug.startsWith('events') ? 50 : 10) +
    (/alpha/.test(slug) ? 200 : /beta/.test(slug) ? 100 : 0);
  return rank(a) - rank(b) || (a.slug > b.slug ? -1 : 1);
}

const camel = (slug: string): string => slug.replaceAll(/[-_](\w)/g, (_, letter: string) => letter.toUpperCase());
