import { isAlreadyExists, isNotFound, type KubeObject } from '@pilothouse/apimachinery';
import { type ControllerRevision, controllerrevisions, type PodTemplateSpec } from '@pilothouse/api';
import type { KubeClient } from '@pilothouse/client';
import { newRevision, nextNumber, sameTemplateAs, sortRevisions } from './revisions.ts';

/** The revision of the present template, and how many hash collisions it took to name it. */
export interface UpdateRevision {
  readonly update: ControllerRevision;
  readonly all: readonly ControllerRevision[];
  readonly collisionCount: number;
}

/** Finds or writes the revision for `template`; an older revision with the same template becomes the newest. */
export async function ensureRevision(
  client: KubeClient,
  owner: KubeObject,
  template: PodTemplateSpec,
  hashLabel: string,
  known: readonly ControllerRevision[],
  collisionCount: number,
): Promise<UpdateRevision> {
  const revisions = sortRevisions(known);
  const namespace = owner.metadata?.namespace ?? '';
  const equal = revisions.filter((each) => sameTemplateAs(each, template)).at(-1);
  const newest = revisions.at(-1);
  if (equal) {
    if (equal === newest) return { update: equal, all: revisions, collisionCount };
    const moved = await client
      .resource(controllerrevisions)
      .update({ ...equal, revision: nextNumber(revisions) }, { namespace });
    return { update: moved, all: [...revisions.filter((each) => each !== equal), moved], collisionCount };
  }
  for (let collisions = collisionCount; ; collisions++) {
    const wanted = newRevision(owner, template, hashLabel, nextNumber(revisions), collisions);
    try {
      const update = await client.resource(controllerrevisions).create(wanted, { namespace });
      return { update, all: [...revisions, update], collisionCount: collisions };
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const existing = await client.resource(controllerrevisions).get(wanted.metadata.name ?? '', { namespace });
      const isOurs = existing.metadata.ownerReferences?.some((each) => each.uid === owner.metadata?.uid);
      if (isOurs && sameTemplateAs(existing, template))
        return { update: existing, all: [...revisions, existing], collisionCount: collisions };
    }
  }
}

export async function deleteRevisions(client: KubeClient, revisions: readonly ControllerRevision[]): Promise<void> {
  for (const each of revisions) {
    try {
      await client
        .resource(controllerrevisions)
        .delete(each.metadata.name ?? '', { namespace: each.metadata.namespace ?? '' });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
