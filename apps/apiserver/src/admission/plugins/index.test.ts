import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AdmissionPlugin } from '../chain.ts';
import { selectPlugins } from './index.ts';

const plugin = (name: string): AdmissionPlugin => ({ name, operations: ['CREATE'] });

describe('the list of admission plugins', () => {
  it('has every plugin of this folder', () => {
    const list = readFileSync(new URL('./index.ts', import.meta.url), 'utf8');
    const files = readdirSync(new URL('.', import.meta.url)).filter((file) => !/^index\.|\.test\.ts$/.test(file));
    expect(files.filter((file) => !list.includes(`'./${file}'`))).toEqual([]);
  });

  it('leaves out what is off by default, unless asked for', () => {
    const all = [plugin('LimitRanger'), plugin('AlwaysPullImages')];
    const names = (enabled: string[], disabled: string[]) =>
      selectPlugins(all, enabled, disabled).map(({ name }) => name);
    expect(names([], [])).toEqual(['LimitRanger']);
    expect(names(['AlwaysPullImages'], ['LimitRanger'])).toEqual(['AlwaysPullImages']);
  });

  it('knows the names it may be asked for', () => {
    expect(() => selectPlugins([plugin('LimitRanger')], ['Nonsense'], [])).toThrow(
      'unknown admission plugin "Nonsense"',
    );
  });
});
