import {
  badRequest,
  decodeJsonValue,
  FieldManager,
  fieldPath,
  getPath,
  invalid,
  managedFieldsFromScale,
  managedFieldsToScale,
  selectorFromLabelSelector,
  selectorFromSet,
  setPath,
  validateNonnegativeField,
  type KubeObject,
  type LabelSelectorFields,
  type ScalePaths,
} from '@pilothouse/apimachinery';
import { scaleColumns, type Scale } from '@pilothouse/api';
import { admissionAttributes } from '../endpoints/admit.ts';
import { readConfiguration, reportDuplicates } from '../endpoints/apply-configuration.ts';
import { jsonPatcher, type PatchTarget } from '../endpoints/apply-patch.ts';
import { patchType } from '../endpoints/patch.ts';
import { respondSubresource } from '../endpoints/respond-object.ts';
import { writeContext, type Endpoint, type Target } from '../endpoints/target.ts';
import { readWriteOptions, type WriteOptions } from '../endpoints/write-options.ts';
import type { WriteServices } from '../endpoints/write-services.ts';
import { bodyText, readBody } from '../http/read-body.ts';
import { bodyEncoding, decodeBody } from '../negotiation/decode-body.ts';
import { codecFor } from '../printing/meta-codecs.ts';
import type { ApiRequest } from '../request.ts';
import type { SubresourceVerbs } from './subresource-endpoint.ts';

const SCALE = { group: 'autoscaling', version: 'v1', kind: 'Scale', apiVersion: 'autoscaling/v1' } as const;
const codec = () => codecFor(SCALE.group, SCALE.version, SCALE.kind);

/** Where the numbers live in every built-in kind that scales. */
const USUAL_PATHS: ScalePaths = {
  specReplicas: ['spec', 'replicas'],
  statusReplicas: ['status', 'replicas'],
  selector: ['spec', 'selector'],
};

/** How many, of whatever: https://kubernetes.io/docs/reference/kubernetes-api/autoscaling-resources/scale-v1/ */
export function scaleVerbs(services: WriteServices): SubresourceVerbs {
  return {
    async get(request, target) {
      const stored = await target.resource.registry.get(target.key, request.query.get('resourceVersion') ?? '');
      await respondScale(request, target, await target.served.underWrite(stored));
    },
    update: write(services, async (request, _target, options) => {
      const encoding = bodyEncoding(request.headers['content-type']);
      const expected = { codec: codec(), kind: SCALE.kind, apiVersion: SCALE.apiVersion };
      const body = await readBody(request);
      const scale = decodeBody(body, encoding, expected, options.fieldValidation, (text) => request.warnings.add(text));
      return (live) => trackScale(live, scale as Scale, options, request.receivedAt);
    }),
    patch: write(services, async (request, target, options) => {
      const type = patchType(request.headers['content-type'], target.served.version.schema.wire !== undefined);
      const text = bodyText(await readBody(request));
      if (type === 'apply') return (live) => appliedScale(live, text, options, request);
      const patcher = jsonPatcher(type, text, { target: patchTarget(target), options, request });
      return (live) => trackScale(live, patcher(live) as Scale, options, request.receivedAt);
    }),
  };
}

/** Reads the request once; the result makes the wanted Scale from the present one. */
type ReadWanted = (request: ApiRequest, target: Target, options: WriteOptions) => Promise<(live: Scale) => Scale>;

const write =
  ({ admission }: WriteServices, readWanted: ReadWanted): Endpoint =>
  async (request, target) => {
    const { resource, key } = target;
    const options = readWriteOptions(request, request.method === 'PUT' ? 'UpdateOptions' : 'PatchOptions');
    const context = writeContext(request, target, options.dryRun);
    const wanted = await readWanted(request, target, options);
    const result = await resource.registry.update(
      key,
      async (current) => {
        const paths = scalePaths(target);
        const whole = await target.served.underWrite(current!);
        const live = scaleOf(target, whole);
        const scale = wanted(live);
        await admission.mutate(
          admissionAttributes(request, target, 'UPDATE', context, { object: scale, oldObject: live }),
        );
        const errors = validateNonnegativeField(scale.spec?.replicas ?? 0, fieldPath('spec', 'replicas'));
        if (errors.length > 0) throw invalid(SCALE.group, SCALE.kind, key.name, errors);
        if (scale.metadata?.name && scale.metadata.name !== key.name) {
          throw badRequest(
            `the name of the object (${scale.metadata.name}) does not match the name on the URL (${key.name})`,
          );
        }
        const object = setPath(whole, paths.specReplicas, scale.spec?.replicas ?? 0);
        const resourceVersion = scale.metadata?.resourceVersion ?? '';
        const managedFields = managedFieldsFromScale(
          whole.metadata?.managedFields ?? [],
          scale.metadata?.managedFields ?? [],
          whole.apiVersion ?? '',
          replicasPaths(target),
        );
        return { ...object, metadata: { ...object.metadata, resourceVersion, managedFields } } as KubeObject;
      },
      context,
      {
        subresource: target.subresource!,
        allowUnconditional: true,
        validateAdmission: (object, old) =>
          admission.validate(
            admissionAttributes(request, target, 'UPDATE', context, {
              object: scaleOf(target, object),
              ...(old ? { oldObject: scaleOf(target, old) } : {}),
            }),
          ),
      },
    );
    await respondScale(request, target, await target.served.underWrite(result.object));
  };

/** The scale as it is to be, with whoever changed it as the manager of its replicas. */
function trackScale(live: Scale, scale: Scale, { fieldManager }: WriteOptions, now: Date): Scale {
  return scaleManager().update(live, scale, fieldManager, now) as Scale;
}

let manager: FieldManager | undefined;

function scaleManager(): FieldManager {
  const { schema } = codec();
  manager ??= new FieldManager({
    apiVersion: SCALE.apiVersion,
    kind: SCALE.kind,
    subresource: 'scale',
    schemaFor: (apiVersion) => (apiVersion === SCALE.apiVersion ? schema : undefined),
    convert: (object) => object,
    emptyObject: decodeJsonValue(schema, { kind: SCALE.kind, apiVersion: SCALE.apiVersion }).object,
  });
  return manager;
}

/** For each version of the resource where its replicas are. */
function replicasPaths(target: Target): ReadonlyMap<string, readonly string[]> {
  const { specReplicas } = scalePaths(target);
  return new Map([...target.resource.versions.values()].map(({ apiVersion }) => [apiVersion, specReplicas]));
}

function respondScale(request: ApiRequest, target: Target, object: KubeObject): Promise<void> {
  return respondSubresource(request, 200, scaleOf(target, object), codec(), scaleColumns);
}

function scalePaths({ subresource }: Target): ScalePaths {
  return subresource?.scale ?? USUAL_PATHS;
}

function scaleOf(target: Target, object: KubeObject): Scale {
  const paths = scalePaths(target);
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata ?? {};
  const managedFields = managedFieldsToScale(object.metadata?.managedFields ?? [], replicasPaths(target));
  const selector = paths.selector === undefined ? '' : selectorText(getPath(object, paths.selector));
  const scale = {
    kind: SCALE.kind,
    apiVersion: SCALE.apiVersion,
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp, ...(managedFields ? { managedFields } : {}) },
    spec: { replicas: (getPath(object, paths.specReplicas) as number | undefined) ?? 0 },
    status: { replicas: (getPath(object, paths.statusReplicas) as number | undefined) ?? 0, selector },
  };
  return decodeJsonValue(codec().schema, scale).object as Scale;
}

/** A selector as autoscalers want it: text. */
function selectorText(selector: unknown): string {
  if (typeof selector === 'string') return selector;
  if (typeof selector !== 'object' || selector === null) return '';
  const isLabelSelector = 'matchLabels' in selector || 'matchExpressions' in selector;
  return isLabelSelector
    ? selectorFromLabelSelector(selector as LabelSelectorFields).toString()
    : selectorFromSet(selector as Record<string, string>).toString();
}

function patchTarget({ resource: { definition }, key }: Target): PatchTarget {
  return { schema: codec().schema, ...SCALE, resource: definition, name: key.name };
}

/** The scale with the configuration applied. Throws 409 when others manage the replicas. */
function appliedScale(live: Scale, text: string, options: WriteOptions, request: ApiRequest): Scale {
  const { configuration, strictErrors } = readConfiguration(text);
  const { fieldManager, force } = options;
  const merged = scaleManager().apply(live, configuration, fieldManager, force, request.receivedAt);
  reportDuplicates(strictErrors, options, request);
  return decodeJsonValue(codec().schema, merged).object as Scale;
}
