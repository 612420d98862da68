import { type FieldError, fieldPath } from '@pilothouse/apimachinery';
import { expect, it } from 'vitest';
import { validateStopSignal } from './stop-signal.ts';

const path = fieldPath('stopSignal');

it.each<[string, string | undefined, string | undefined]>([
  ['SIGUSR1', 'linux', undefined],
  ['SIGRTMIN+15', 'linux', undefined],
  ['SIGRTMAX-14', 'linux', undefined],
  ['SIGTERM', 'windows', undefined],
  ['SIGUSR1', 'windows', 'stopSignal: Unsupported value: "SIGUSR1": supported values: "SIGKILL", "SIGTERM"'],
  ['SIGTERM', undefined, 'stopSignal: Forbidden: may not be set for containers with empty `spec.os.name`'],
])('%s on %s', (signal, os, problem) => {
  const errors: FieldError[] = [];
  validateStopSignal(signal, os, path, errors);
  expect(errors.map(String)).toEqual(problem === undefined ? [] : [problem]);
});
