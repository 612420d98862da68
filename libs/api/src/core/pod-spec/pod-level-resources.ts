import { type FieldPath, forbiddenField, invalidValue, parseQuantity } from '@pilothouse/apimachinery';
import type { ResourceRequirements } from '@pilothouse/api';
import { isHugePageResource } from '../resources/resource-names.ts';
import { validatePodLevelResourceName } from '../resources/validate-resource-name.ts';
import { validateResourceRequirements } from '../resources/validate-resource-requirements.ts';
import { aggregateContainerResources } from './pod-resources.ts';
import type { PodSpecContext } from './pod-validation-options.ts';
import { validateClaimReferences } from './resource-claims.ts';

/** `spec.resources`: what the pod as a whole may use, which its containers then share (KEP-2837). */
export function validatePodLevelResources(
  resources: ResourceRequirements,
  path: FieldPath,
  context: PodSpecContext,
): void {
  const { spec, errors } = context;
  if (spec.os?.name === 'windows') {
    errors.push(forbiddenField(path, 'may not be set for a windows pod'));
    return;
  }
  if (resources.claims) {
    errors.push(forbiddenField(path.child('claims'), 'claims may not be set for Resources at pod-level'));
  }
  validateResourceRequirements(resources, validatePodLevelResourceName, path, errors);
  validateClaimReferences(resources.claims ?? [], path.child('claims'), context);
  const { requests = {}, limits = {} } = resources;
  for (const [name, needed] of aggregateContainerResources(spec, 'requests')) {
    const request = requests[name];
    if (request === undefined || needed.compare(parseQuantity(request)) <= 0) continue;
    const detail = `must be greater than or equal to aggregate container requests of ${needed}`;
    errors.push(invalidValue(path.child('requests').key(name), request, detail));
  }
  for (const [name, needed] of aggregateContainerResources(spec, 'limits')) {
    const limit = limits[name];
    if (limit === undefined || !isHugePageResource(name) || needed.compare(parseQuantity(limit)) <= 0) continue;
    const detail = `must be greater than or equal to aggregate container limits of ${needed}`;
    errors.push(invalidValue(path.child('limits').key(name), limit, detail));
  }
  (spec.containers ?? []).forEach((container, index) => {
    for (const [name, own] of Object.entries(container.resources?.limits ?? {})) {
      const limit = limits[name];
      if (limit === undefined || parseQuantity(own).compare(parseQuantity(limit)) <= 0) continue;
      const at = path.child('containers').index(index).key(name).child('limits');
      errors.push(invalidValue(at, own, `must be less than or equal to pod limits of ${limit}`));
    }
  });
}
