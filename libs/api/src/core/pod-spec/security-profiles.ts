import {
  type FieldError,
  type FieldPath,
  invalidValue,
  notSupported,
  required,
  tooLong,
} from '@pilothouse/apimachinery';
import type { AppArmorProfile, SeccompProfile } from '@pilothouse/api';
import { type InternalFields, internalForm } from '../validation/internal-form.ts';
import { validateDescendingPath } from './volumes/local-path.ts';

const PROFILE_TYPES = ['Localhost', 'RuntimeDefault', 'Unconfined'];
/** As upstream declares both kinds of profile. */
export const PROFILE_FIELDS: InternalFields = { Type: ['type', ''], LocalhostProfile: ['localhostProfile', null] };
/** PATH_MAX without its final zero. */
const MAX_PROFILE_LENGTH = 4095;

export function validateSeccompProfile(profile: SeccompProfile, path: FieldPath, errors: FieldError[]): void {
  const { type, localhostProfile } = profile;
  const at = path.child('localhostProfile');
  if (!type) errors.push(required(path.child('type'), 'type is required when seccompProfile is set'));
  else if (!PROFILE_TYPES.includes(type)) errors.push(notSupported(path.child('type'), type, PROFILE_TYPES));
  if (type !== 'Localhost') {
    if (localhostProfile !== undefined) {
      const shown = internalForm(profile, PROFILE_FIELDS);
      errors.push(invalidValue(at, shown, 'can only be set when seccomp type is Localhost'));
    }
  } else if (localhostProfile === undefined) {
    errors.push(required(at, 'must be set when seccomp type is Localhost'));
  } else validateDescendingPath(localhostProfile, at, errors);
}

export function validateAppArmorProfile(profile: AppArmorProfile, path: FieldPath, errors: FieldError[]): void {
  const { type, localhostProfile } = profile;
  const at = path.child('localhostProfile');
  if (!type) errors.push(required(path.child('type'), 'type is required when appArmorProfile is set'));
  else if (!PROFILE_TYPES.includes(type)) errors.push(notSupported(path.child('type'), type, PROFILE_TYPES));
  else if (type !== 'Localhost') {
    if (localhostProfile !== undefined) {
      errors.push(invalidValue(at, localhostProfile, 'can only be set when AppArmor type is Localhost'));
    }
  } else {
    const trimmed = localhostProfile?.trim();
    if (trimmed !== localhostProfile) {
      errors.push(invalidValue(at, localhostProfile, 'must not be padded with whitespace'));
    } else if (!trimmed) errors.push(required(at, 'must be set when AppArmor type is Localhost'));
    if ((localhostProfile ?? '').length > MAX_PROFILE_LENGTH) errors.push(tooLong(at, MAX_PROFILE_LENGTH));
  }
}
