import type { Stage } from './stage.ts';

/** An image whose name or tag says `invalid` is in no registry. The text is containerd's. */
export const imageNotFound: Stage = {
  name: 'image-not-found',
  for: 'image',
  selector: { state: 'pulling', matchExpressions: [{ key: 'image.problem', operator: 'In', values: ['not-found'] }] },
  delay: { durationFrom: 'annotation.pull-duration', duration: '20ms' },
  next: {
    state: 'failed',
    message:
      'failed to pull and unpack image "{image.reference}": failed to resolve reference "{image.reference}": {image.reference}: not found',
  },
};
