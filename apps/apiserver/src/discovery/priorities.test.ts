import { definitions } from '@pilothouse/api';
import { compareVersions } from '@pilothouse/apimachinery';
import { describe, expect, it } from 'vitest';
import { compareGroups, groupPriority, versionPriority } from './priorities.ts';

const groups = [...new Set(definitions.map(({ group }) => group))];

describe('priorities of groups', () => {
  it('has every built-in group in its list', () => {
    for (const group of groups) expect(groupPriority(group), group).toBeGreaterThan(1_000);
  });

  it('puts groups of CRDs last, by name', () => {
    const sorted = ['b.example.com', 'apps', 'a.example.com', '', 'storagemigration.k8s.io'].sort(compareGroups);
    expect(sorted).toEqual(['', 'apps', 'storagemigration.k8s.io', 'a.example.com', 'b.example.com']);
  });

  it('prefers versions as discovery does', () => {
    for (const group of groups) {
      const versions = [
        ...new Set(
          definitions
            .filter((each) => each.group === group)
            .flatMap((each) => each.versions.map(({ version }) => version)),
        ),
      ].sort(compareVersions);
      const priorities = versions.map((version) => versionPriority(group, version));
      expect(priorities, group).toEqual([...priorities].sort((a, b) => b - a));
      expect(new Set(priorities).size, group).toBe(versions.length);
    }
  });
});
