import type { PolicyRule } from '../../authorization/rule-resolver.ts';

/** `rule('get list', 'apps batch', 'deployments jobs')`: words for lists; the core group is written `core`. */
export function rule(verbs: string, groups: string, resources: string, resourceNames?: string): PolicyRule {
  return {
    verbs: verbs.split(' '),
    apiGroups: groups.split(' ').map((group) => (group === 'core' ? '' : group)),
    resources: resources.split(' '),
    ...(resourceNames ? { resourceNames: resourceNames.split(' ') } : {}),
  };
}

export function urlRule(verbs: string, urls: string): PolicyRule {
  return { verbs: verbs.split(' '), nonResourceURLs: urls.split(' ') };
}

export const READ = 'get list watch';
export const WRITE = 'create delete deletecollection patch update';
export const READ_WRITE = 'create delete deletecollection get list patch update watch';

/** Every component may say what happens. */
export const EVENTS = rule('create patch update', 'core events.k8s.io', 'events');
