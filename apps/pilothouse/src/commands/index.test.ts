import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from './index.ts';

describe('COMMANDS', () => {
  it('lists every command that has a file here', () => {
    const files = readdirSync(import.meta.dirname).filter((file) => !/^(index|command)\.|\.test\.ts$/.test(file));
    const names = COMMANDS.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(files.map((file) => file.replace('.ts', ''))));
  });

  it('finds what each of them runs', async () => {
    for (const { name } of COMMANDS.filter((each) => each.name !== 'codec')) {
      expect(await import(join(import.meta.dirname, `${name}.ts`))).toHaveProperty(name);
    }
  });
});
