import { type FieldError, type FieldPath, invalidValue } from '@pilothouse/apimachinery';
import type { DeviceClaim } from '@pilothouse/api';
import { validateSet } from './bounded-list.ts';
import { validateLabelLikeName } from './names.ts';

const MAX_REFERENCES = 32;
const NOT_A_REQUEST =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

/** What in a claim can be referred to: `gpu`, and `gpu/large` where a request has alternatives. */
export class RequestNames {
  private readonly names: ReadonlySet<string>;

  constructor({ requests }: DeviceClaim) {
    this.names = new Set(
      (requests ?? []).flatMap(({ name, firstAvailable = [] }) => [
        name,
        ...firstAvailable.map((each) => `${name}/${each.name}`),
      ]),
    );
  }

  validateAll(names: readonly string[] | undefined, path: FieldPath, errors: FieldError[]): void {
    validateSet(
      names,
      MAX_REFERENCES,
      (name, at) => this.validate(name, at, errors),
      (name) => name,
      path,
      errors,
    );
  }

  validate(name: string, path: FieldPath, errors: FieldError[]): void {
    const segments = name.split('/');
    if (segments.length <= 2) for (const segment of segments) validateLabelLikeName(segment, path, errors);
    if (!this.names.has(name)) errors.push(invalidValue(path, name, NOT_A_REQUEST));
  }
}
