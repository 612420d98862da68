import { byteLength } from '../names/messages.ts';
import { FIELD_MANAGER_MAX_LENGTH } from '../names/managed-fields.ts';

/**
 * Who writes: the `fieldManager` parameter, or else what stands before the first slash of the User-Agent, cut to what
 * a manager's name may be.
 */
export function fieldManagerName(parameter: string | undefined, userAgent: string | undefined): string {
  if (parameter) return parameter;
  let name = '';
  let length = 0;
  for (const character of (userAgent ?? '').split('/')[0]!) {
    if (!/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(character)) continue;
    length += byteLength(character);
    if (length > FIELD_MANAGER_MAX_LENGTH) break;
    name += character;
  }
  return name;
}
