/** Groups whose Go package upstream does not call by the first word of the group's name. */
const PACKAGES: Readonly<Record<string, string>> = {
  '': 'core',
  'events.k8s.io': 'core',
  'internal.apiserver.k8s.io': 'apiserverinternal',
};

/** The Go type to which upstream converts what it decodes (`core.Pod`), as some of its messages name it. */
export function internalType(group: string, kind: string): string {
  return `${PACKAGES[group] ?? group.split('.')[0]}.${kind}`;
}
