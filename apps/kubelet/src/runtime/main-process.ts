import type { Container } from '@pilothouse/api';
import { expandReferences } from './expand-references.ts';
import { parseImageReference } from './image-reference.ts';
import { commandLine } from './known-images.ts';
import { serve, write, type Process } from './shell/process.ts';

/** The words of the container's main program: the image's, or its own with the variables in them filled in. */
export function commandWords(container: Container, env: Readonly<Record<string, string>>): string[] {
  const words = commandLine(parseImageReference(container.image ?? ''), container);
  return words.map((word) => expandReferences(word, env));
}

/** A program outside the simulation says at least that it runs, so that its log is not empty. */
export function* unknownService({ name, image = '' }: Container): Process {
  yield* write(`${name}: ${image} started\n`);
  return yield* serve();
}
