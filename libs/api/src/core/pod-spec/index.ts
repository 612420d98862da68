export { defaultPodSpec, defaultPodTemplateSpec } from './default-pod-spec.ts';
export { defaultImagePullPolicy } from './default-image-pull-policy.ts';
export { validatePodTemplateSpec } from './validate-pod-template-spec.ts';
export { validatePodSpec } from './validate-pod-spec.ts';
export { warningsForPod, warningsForPodTemplate } from './pod-warnings.ts';
export { validatePersistentVolumeClaimTemplate } from './volumes/claim-template.ts';
export type { PodValidationOptions } from './pod-validation-options.ts';
export { defaultPersistentVolumeClaimSpec } from './default-volume.ts';
export { validatePersistentVolumeClaimSpec } from '../persistent-volume-claim/claim-spec.ts';
