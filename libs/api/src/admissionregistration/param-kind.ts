import {
  type FieldError,
  type FieldPath,
  invalidValue,
  isDNS1035Label,
  isDNS1123Subdomain,
  required,
} from '@pilothouse/apimachinery';
import type { ParamKind } from '@pilothouse/api';
import { UNSET } from '../printing/index.ts';

/** The kind of object that a policy takes its parameters from. */
export function validateParamKind(
  { apiVersion = '', kind = '' }: ParamKind,
  path: FieldPath,
  errors: FieldError[],
): void {
  validateApiVersion(apiVersion, path.child('apiVersion'), errors);
  if (!kind) errors.push(required(path.child('kind')));
  else {
    const problems = isDNS1035Label(kind.toLowerCase());
    if (problems.length > 0) {
      errors.push(
        invalidValue(
          path.child('kind'),
          kind,
          `may have mixed case, but should otherwise match: ${problems.join(',')}`,
        ),
      );
    }
  }
}

function validateApiVersion(apiVersion: string, path: FieldPath, errors: FieldError[]): void {
  const parts = apiVersion === '/' ? [''] : apiVersion.split('/');
  if (!apiVersion) errors.push(required(path));
  else if (parts.length > 2)
    errors.push(invalidValue(path, apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  else {
    const version = parts.at(-1)!;
    const group = parts.length === 2 ? parts[0]! : '';
    const complain = (value: string, problems: readonly string[]): void => {
      if (problems.length > 0) errors.push(invalidValue(path, value, problems.join(',')));
    };
    if (group) complain(group, isDNS1123Subdomain(group));
    if (version) complain(version, isDNS1035Label(version));
    else errors.push(invalidValue(path, apiVersion, 'version must be specified'));
  }
}

export const paramKindCell = (paramKind: ParamKind | undefined): string =>
  paramKind ? `${paramKind.apiVersion ?? ''}/${paramKind.kind ?? ''}` : UNSET;
