import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { useCluster } from './cluster.ts';
import { definitionNames, fetchManifests, objectsOf, PROJECTS } from './well-known-crds/projects.ts';

/** `kubectl apply` keeps the object in an annotation, which may not be larger. */
const CLIENT_SIDE_LIMIT_BYTES = 200_000;

const SERVED = `{range .spec.versions[?(@.served==true)]}{.name}{" "}{end}`;
const CONDITIONS = `{range .status.conditions[*]}{.type}={.status} {end}`;

/** Definitions of projects that many clusters have, as these publish them: fetched for the test, never kept here. */
describe('the definitions of well-known projects', () => {
  const cluster = useCluster();
  const kubectl = (...args: string[]) => cluster.get().kubectl(...args);
  const select = (names: readonly string[], path: string) =>
    kubectl('get', 'crd', ...names, '-o', `jsonpath={range .items[*]}${path}{"\\n"}{end}`);

  describe.each(PROJECTS)('$name', (project) => {
    let names: string[] | undefined;

    it('install with both kinds of apply', async ({ skip }) => {
      const files = await fetchManifests(project).catch((error: Error) => skip(error.message));
      const small = files.filter((file) => statSync(file).size < CLIENT_SIDE_LIMIT_BYTES);
      const flags = (paths: readonly string[]) => paths.flatMap((path) => ['-f', path]);
      if (small.length > 0) await kubectl('apply', ...flags(small));
      await kubectl('apply', '--server-side', ...flags(files));
      names = files.flatMap(definitionNames);
      // With one name there would be no list to select from.
      expect(names.length).toBeGreaterThan(1);
      await kubectl('wait', 'crd', ...names, '--for=condition=Established', '--timeout=60s');
      expect(await kubectl('diff', '--server-side', ...flags(files))).toBe('');
      const conditions = await select(names, CONDITIONS);
      expect(conditions.match(/\bEstablished=True/g)).toHaveLength(names.length);
      expect(conditions).not.toMatch(/NonStructuralSchema|=False/);
    }, 300_000);

    it('are discovered, published and explained', async ({ skip }) => {
      if (names === undefined) return skip('they are not installed');
      const lines = await select(names, `{.spec.group} {.spec.names.plural} {.spec.names.kind} ${SERVED}`);
      const resources = (await kubectl('api-resources', '-o', 'name')).split('\n');
      for (const line of lines.split('\n')) {
        const [group, plural, kind, ...versions] = line.trim().split(' ') as [string, string, string, ...string[]];
        expect(resources).toContain(`${plural}.${group}`);
        for (const version of versions) {
          const v3 = JSON.parse(await kubectl('get', '--raw', `/openapi/v3/apis/${group}/${version}`)) as {
            paths: object;
            components: { schemas: Record<string, { 'x-kubernetes-group-version-kind'?: { kind: string }[] }> };
          };
          expect(Object.keys(v3.paths).some((path) => path.endsWith(`/${plural}`))).toBe(true);
          const kinds = Object.values(v3.components.schemas).flatMap(
            (schema) => schema['x-kubernetes-group-version-kind'] ?? [],
          );
          expect(kinds).toContainEqual({ group, version, kind });
        }
      }
      const [field, type] = project.explained;
      expect(await kubectl('explain', field)).toContain(type);
      expect(await kubectl('explain', '--recursive', field.split('.')[0]!)).toContain(field.split('.').at(-1));
    }, 300_000);

    it('take their objects, and give them back', async ({ skip }) => {
      if (names === undefined) return skip('they are not installed');
      const objects = objectsOf(project);
      const versions = () => kubectl('get', '-f', objects, '-o', 'jsonpath={..metadata.resourceVersion}');
      await kubectl('apply', '--validate=strict', '-f', objects);
      const before = await versions();
      await kubectl('apply', '-f', objects);
      expect(await versions()).toBe(before);
      // Lists with defaults differ from what was applied, and count as somebody else's.
      await kubectl('apply', '--server-side', '--force-conflicts', '-f', objects);
      expect(await kubectl('diff', '-f', objects)).toBe('');
      await kubectl('get', '-f', objects, '-o', 'wide');
      await kubectl('delete', '-f', objects, '--timeout=60s');
      await expect(kubectl('get', '-f', objects)).rejects.toThrow('NotFound');
    }, 300_000);

    it.each(project.refused)('refuse %s', async (object, why) => {
      if (names === undefined) return;
      // Without the marker kubectl would take the braces for JSON.
      const file = cluster.get().file(`---\n${object}`);
      const answer = await kubectl('create', '-f', file).catch((error: Error) => error.message);
      expect(answer).toContain(why);
    });
  });
});
