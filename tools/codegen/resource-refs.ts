import type { ProtoModel } from './parse-proto.ts';
import { HEADER, pascal } from './typescript-types.ts';

/**
 * A constant for each served resource: `pods`, `deployments`. The preferred version has the plain name, others carry
 * theirs (`horizontalpodautoscalersV1`); events.k8s.io's second view of events is `eventsEvents`.
 */
export function resourceRefs(model: ProtoModel): string {
  const rows = model.packages.flatMap((each) =>
    each.messages
      .filter((message) => message.resource)
      .map((message) => ({
        each,
        message,
        resource: message.resource!.split(' ')[0]!,
        namespaced: message.resource!.split(' ')[1] === 'namespaced',
      })),
  );
  const best = new Map<string, string>();
  const stability = (slug: string): string => (/alpha/.test(slug) ? '0' : /beta/.test(slug) ? '1' : '2') + slug;
  for (const { each, resource } of rows) {
    const group = each.slug.split('-')[0]!;
    const key = `${group}/${resource}`;
    if (!best.has(key) || stability(each.slug) > stability(best.get(key)!)) best.set(key, each.slug);
  }
  const lines = ["import type { ResourceRef } from '../resource-ref.ts';"];
  for (const slug of new Set(rows.map((row) => row.each.slug))) {
    lines.push(`import type * as ${pascal(slug)} from './types/${slug}.ts';`);
  }
  lines.push('');
  const used = new Set<string>();
  for (const { each, message, resource, namespaced } of rows.sort((a, b) =>
    a.each.slug === 'core-v1' ? -1 : b.each.slug === 'core-v1' ? 1 : 0,
  )) {
    const [group, version] = each.slug.split('-') as [string, string];
    const preferred = best.get(`${group}/${resource}`) === each.slug;
    let name = preferred ? resource : `${resource}${version.charAt(0).toUpperCase()}${version.slice(1)}`;
    if (used.has(name)) name = `${name}${pascal(group)}`;
    used.add(name);
    const gv = each.groupVersion!;
    const apiGroup = gv.includes('/') ? gv.slice(0, gv.indexOf('/')) : '';
    lines.push(
      `export const ${name}: ResourceRef<${pascal(each.slug)}.${message.name}> = { group: '${apiGroup}', version: '${version}', resource: '${resource}', kind: '${message.name}', namespaced: ${namespaced} };`,
    );
  }
  return `${HEADER}${lines.join('\n')}\n`;
}
