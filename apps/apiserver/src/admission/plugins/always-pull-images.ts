import { fieldPath, invalid, notSupported } from '@pilothouse/apimachinery';
import type { Container, Pod } from '@pilothouse/api';
import type { AdmissionAttributes } from '../attributes.ts';
import type { AdmissionPlugin } from '../chain.ts';

const ALWAYS = 'Always';
const LISTS = ['initContainers', 'containers', 'ephemeralContainers'] as const;

/** Every pod proves anew that it may have its images. https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#alwayspullimages */
export const alwaysPullImages: AdmissionPlugin = {
  name: 'AlwaysPullImages',
  operations: ['CREATE', 'UPDATE'],
  mutate(attributes) {
    if (!isPod(attributes)) return;
    for (const list of LISTS)
      for (const container of containers(attributes.object as Pod, list)) container.imagePullPolicy = ALWAYS;
  },
  validate(attributes) {
    if (!isPod(attributes)) return;
    const pod = attributes.object as Pod;
    const errors = LISTS.flatMap((list) =>
      containers(pod, list).flatMap(({ imagePullPolicy }, index) =>
        imagePullPolicy === ALWAYS
          ? []
          : [
              notSupported(fieldPath('spec', list).index(index).child('imagePullPolicy'), imagePullPolicy ?? '', [
                ALWAYS,
              ]),
            ],
      ),
    );
    if (errors.length > 0) throw invalid('', 'Pod', attributes.name, errors);
  },
};

const containers = ({ spec }: Pod, list: (typeof LISTS)[number]) => (spec[list] ?? []) as Container[];

function isPod({ definition, subresource }: AdmissionAttributes): boolean {
  return (
    definition.group === '' &&
    definition.resource === 'pods' &&
    (subresource === '' || subresource === 'ephemeralcontainers')
  );
}
