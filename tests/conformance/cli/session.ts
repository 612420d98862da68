import { expect } from 'vitest';
import type { Story } from '../story.ts';

/** A command as it is typed, and all that it prints; `!` says that it is refused, with these words. */
export type Line =
  | readonly [command: string, prints: string | RegExp]
  | readonly ['!', command: string, says: string | RegExp];

/** Types commands one after the other, and reads every line of what they print. */
export async function session(told: Story, lines: readonly Line[], input?: string): Promise<void> {
  for (const line of lines) {
    if (line[0] === '!') {
      const [, command, says] = line as readonly ['!', string, string | RegExp];
      const refused = await told.kubectl(command, input).then(
        (printed) => `it was not refused, and printed ${printed}`,
        (error: Error) => error.message.slice(error.message.indexOf(command.split(' ')[0]!)),
      );
      if (typeof says === 'string') expect(refused, command).toContain(says);
      else expect(refused, command).toMatch(says);
    } else {
      const [command, prints] = line;
      const printed = await told.kubectl(command, input);
      if (typeof prints === 'string') expect(printed, command).toBe(prints);
      else expect(printed, command).toMatch(prints);
    }
  }
}
