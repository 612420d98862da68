import { type FieldError, type FieldPath, invalidValue, isQualifiedName, notSupported } from '@pilothouse/apimachinery';
import { pushInvalid } from '../validation/push-invalid.ts';
import {
  isExtendedResource,
  isNativeResource,
  isPodLevelResource,
  isStandardContainerResource,
  isStandardQuotaResource,
  isStandardResource,
  POD_LEVEL_RESOURCE_NAMES,
} from './resource-names.ts';

/** A rule for the names in a map of resources. */
export type ResourceNameRule = (name: string, path: FieldPath, errors: FieldError[]) => void;

/** Any resource: a standard one, or one with a domain. Returns whether the name passed. */
export function validateResourceName(name: string, path: FieldPath, errors: FieldError[]): boolean {
  const messages = isQualifiedName(name);
  pushInvalid(errors, path, name, messages);
  if (messages.length > 0) return false;
  if (name.includes('/') || isStandardResource(name)) return true;
  errors.push(invalidValue(path, name, 'must be a standard resource type or fully qualified'));
  return false;
}

/** What a container may request. */
export const validateContainerResourceName: ResourceNameRule = (name, path, errors) => {
  if (isStandardContainerResource(name) && !name.startsWith('hugepages-')) return;
  validateResourceName(name, path, errors);
  if (!name.includes('/')) {
    if (!isStandardContainerResource(name)) {
      errors.push(invalidValue(path, name, 'must be a standard resource for containers'));
    }
  } else if (!isNativeResource(name) && !isExtendedResource(name)) {
    errors.push(invalidValue(path, name, "doesn't follow extended resource name standard"));
  }
};

/** What may be requested for a pod as a whole. */
export const validatePodLevelResourceName: ResourceNameRule = (name, path, errors) => {
  if (!validateResourceName(name, path, errors)) return;
  if (!isPodLevelResource(name)) errors.push(notSupported(path, name, POD_LEVEL_RESOURCE_NAMES));
};

/** What a quota may count. */
export const validateQuotaResourceName: ResourceNameRule = (name, path, errors) => {
  validateResourceName(name, path, errors);
  if (!name.includes('/') && !isStandardQuotaResource(name)) {
    errors.push(invalidValue(path, name, 'must be a standard resource for quota'));
  }
};
