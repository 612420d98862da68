import { badRequest } from '@pilothouse/apimachinery';
import type { Pod } from '@pilothouse/api';

/** kubectl's way to say which container is meant when none is named. */
const DEFAULT_CONTAINER_ANNOTATION = 'kubectl.kubernetes.io/default-container';

/** The container that a request is about; throws 400 when it names none and there are several, or one that is not there. */
export function containerOf(pod: Pod, named: string | null): string {
  const names = (list: readonly { name: string }[] | undefined) => (list ?? []).map(({ name }) => name);
  const regular = names(pod.spec?.containers);
  const init = names(pod.spec?.initContainers);
  const ephemeral = names(pod.spec?.ephemeralContainers as { name: string }[] | undefined);
  const podName = pod.metadata?.name ?? '';
  if (named) {
    if ([...regular, ...init, ...ephemeral].includes(named)) return named;
    throw badRequest(`container ${named} is not valid for pod ${podName}`);
  }
  const [only, ...others] = regular;
  if (only !== undefined && others.length === 0 && init.length + ephemeral.length === 0) return only;
  const annotated = pod.metadata?.annotations?.[DEFAULT_CONTAINER_ANNOTATION];
  if (annotated && regular.includes(annotated)) return annotated;
  const inits = init.length > 0 ? ` or one of the init containers: [${init.join(' ')}]` : '';
  const ephemerals = ephemeral.length > 0 ? ` or one of the ephemeral containers: [${ephemeral.join(' ')}]` : '';
  throw badRequest(
    `a container name must be specified for pod ${podName}, choose one of: [${regular.join(' ')}]${inits}${ephemerals}`,
  );
}
