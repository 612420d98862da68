import type { ScopedResourceSelectorRequirement } from '@pilothouse/api';

/** The operator of a scope whose values are names. A scope without operator asks only that there is a name. */
export function matchesNames({ operator, values = [] }: ScopedResourceSelectorRequirement, name: string): boolean {
  switch (operator) {
    case 'In':
      return values.includes(name);
    case 'NotIn':
      return !values.includes(name);
    case 'DoesNotExist':
      return name === '';
    default:
      return name !== '';
  }
}
