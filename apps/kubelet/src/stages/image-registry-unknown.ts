import type { Stage } from './stage.ts';

/** A registry below `.invalid` (RFC 2606) resolves to nothing. The text is containerd's. */
export const imageRegistryUnknown: Stage = {
  name: 'image-registry-unknown',
  for: 'image',
  selector: {
    state: 'pulling',
    matchExpressions: [{ key: 'image.problem', operator: 'In', values: ['unknown-host'] }],
  },
  delay: { durationFrom: 'annotation.pull-duration', duration: '20ms' },
  next: {
    state: 'failed',
    message:
      'failed to pull and unpack image "{image.reference}": failed to resolve reference "{image.reference}": failed to do request: Head "{image.manifestUrl}": dial tcp: lookup {image.registry}: no such host',
  },
};
