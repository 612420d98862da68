import { fieldPath } from '@pilothouse/apimachinery';
import type { PodTemplate } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';
import { column, containerImagesCell, containerNamesCell, labelsCell, nameColumn } from '../printing/index.ts';
import {
  defaultPodTemplateSpec,
  dropDisabledPodFields,
  validatePodTemplateSpec,
  warningsForPodTemplate,
} from './pod-spec/index.ts';

const TEMPLATE = fieldPath('template');

const validate = ({ template }: PodTemplate) =>
  validatePodTemplateSpec(template ?? { metadata: {}, spec: { containers: [] } }, TEMPLATE);

export const podTemplate: KindBehaviour<PodTemplate> = {
  group: '',
  kind: 'PodTemplate',
  defaults: (each) => defaultPodTemplateSpec(each.template),
  columns: [
    nameColumn,
    column<PodTemplate>('Containers', ({ template }) => containerNamesCell(template?.spec?.containers)),
    column<PodTemplate>('Images', ({ template }) => containerImagesCell(template?.spec?.containers)),
    column<PodTemplate>('Pod Labels', ({ template }) => labelsCell(template?.metadata?.labels)),
  ],
  strategy: {
    prepareForCreate: ({ template }: PodTemplate) => template?.spec && dropDisabledPodFields(template.spec),
    prepareForUpdate: ({ template }: PodTemplate, old: PodTemplate) => {
      if (template?.spec) dropDisabledPodFields(template.spec, old.template?.spec);
    },
    validate,
    validateUpdate: validate,
    warnings: ({ metadata, template }: PodTemplate, old: PodTemplate | undefined) =>
      metadata.generation === old?.metadata.generation && old ? [] : warningsForPodTemplate(template, TEMPLATE),
    allowUnconditionalUpdate: true,
    tracksGeneration: true,
    deleteReturnsObject: true,
  },
};
