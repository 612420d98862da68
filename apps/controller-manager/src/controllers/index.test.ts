import { describe, expect, it } from 'vitest';
import { selectControllers } from '../select-controllers.ts';
import { controllers } from './index.ts';

describe('the list of controllers', () => {
  it('calls each by a name of its own, and by no alias of another', () => {
    const names = controllers.flatMap(({ name, aliases }) => [name, ...aliases]);
    expect(new Set(names).size).toBe(names.length);
    for (const { name } of controllers) expect(name).toMatch(/^[a-z-]+-controller$/);
  });

  it('lets --controllers choose by name and by alias', () => {
    const names = (wanted: string[]): string[] => selectControllers(controllers, wanted).map(({ name }) => name);
    expect(names(['job', 'ttl-controller'])).toEqual(['job-controller', 'ttl-controller']);
    expect(names(['*', '-ttl'])).not.toContain('ttl-controller');
    expect(() => names(['nope'])).toThrow('"nope" is not in the list of known controllers');
  });
});
