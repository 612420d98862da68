import { deepEqual, forbidden, parseApiVersion, type KubeObject, type OwnerReference } from '@pilothouse/apimachinery';
import type { Authorizer } from '../../authorization/authorizer.ts';
import type { Resources } from '../../registry/resources.ts';
import type { AdmissionAttributes } from '../attributes.ts';
import type { AdmissionPlugin } from '../chain.ts';

interface Place {
  readonly apiGroup: string;
  readonly apiVersion: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

/**
 * An owner decides when an object goes: who sets one must be allowed to delete the object, and who lets it hold up its
 * owner's deletion must be allowed to set the owner's finalizers.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#ownerreferencespermissionenforcement
 */
export function ownerReferencesPermissionEnforcement(resources: Resources, authorizer: Authorizer): AdmissionPlugin {
  const may = async ({ user }: AdmissionAttributes, verb: string, place: Place) => {
    const { decision, reason } = await authorizer.authorize({ user, verb, isResource: true, path: '', ...place });
    return { allowed: decision === 'allow', reason };
  };
  return {
    name: 'OwnerReferencesPermissionEnforcement',
    operations: ['CREATE', 'UPDATE'],
    async validate(attributes) {
      const { definition, version, namespace, name, object, oldObject, subresource } = attributes;
      if (!object || (definition.group === '' && definition.resource === 'pods' && subresource === 'status')) return;
      if (deepEqual(ownersOf(object), ownersOf(oldObject))) return;
      // A new object is still its creator's.
      if (oldObject) {
        const place = {
          apiGroup: definition.group,
          apiVersion: version,
          resource: definition.resource,
          subresource,
          namespace,
          name,
        };
        const { allowed, reason } = await may(attributes, 'delete', place);
        if (!allowed)
          throw forbidden(definition, name, `cannot set an ownerRef on a resource you can't delete: ${reason}, <nil>`);
      }
      for (const owner of newlyBlocking(object, oldObject)) {
        const place = finalizersOf(owner, namespace, resources);
        const why = 'cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion';
        if (place === undefined) throw forbidden(definition, name, `${why} ${owner.apiVersion} Kind ${owner.kind}`);
        const { allowed, reason } = await may(attributes, 'update', place);
        if (!allowed) {
          const refusal =
            "cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on";
          throw forbidden(definition, name, `${refusal}: ${reason}, <nil>`);
        }
      }
    },
  };
}

const ownersOf = (object: KubeObject | undefined): readonly OwnerReference[] => object?.metadata?.ownerReferences ?? [];

function newlyBlocking(object: KubeObject, old: KubeObject | undefined): OwnerReference[] {
  const blocked = new Set(
    ownersOf(old)
      .filter((each) => each.blockOwnerDeletion)
      .map(({ uid }) => uid),
  );
  return ownersOf(object).filter((each) => each.blockOwnerDeletion && !blocked.has(each.uid));
}

function finalizersOf(
  { apiVersion, kind, name }: OwnerReference,
  namespace: string,
  resources: Resources,
): Place | undefined {
  const { group, version } = parseApiVersion(apiVersion);
  const definition = resources.findByKind(group, kind)?.definition;
  if (definition === undefined) return undefined;
  return {
    apiGroup: group,
    apiVersion: version,
    resource: definition.resource,
    subresource: 'finalizers',
    namespace: definition.namespaced ? namespace : '',
    name,
  };
}
