import { describe } from 'vitest';
import { node, pod } from '../testing/objects.ts';
import { scenarios } from '../testing/scenario.ts';

const image = { names: ['nginx:latest', 'docker.io/library/nginx@sha256:1'], sizeBytes: 900 * 1024 * 1024 };

describe('ImageLocality', () => {
  scenarios({
    'the node that has the image is preferred': {
      nodes: [node('a'), node('b', { images: [image] }), node('c')],
      pod: pod('p'),
      lands: 'b',
    },
    'a small image does not matter': {
      nodes: [node('a', { cpu: '8', memory: '16Gi' }), node('b', { images: [{ ...image, sizeBytes: 1024 }] })],
      pod: pod('p'),
      lands: 'a',
    },
  });
});
