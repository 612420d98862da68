import { UserError } from '../user-error.ts';
import { type ProbeIdentity, send } from './probe.ts';

/** As the metrics server registers itself: an APIService, and the service that it names. */
const REGISTRATION = [
  '/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io',
  '/api/v1/namespaces/kube-system/services/metrics-server',
];

/**
 * Takes back what a metrics server of an earlier run registered. Left behind it would be a group that nobody serves:
 * discovery would stay incomplete, and no namespace could be emptied.
 */
export async function withdrawMetrics(server: string, identity: ProbeIdentity): Promise<void> {
  for (const path of REGISTRATION) {
    const answer = await send('DELETE', `${server}${path}`, identity);
    if (answer?.status !== 200 && answer?.status !== 404) {
      throw new UserError(`metrics.k8s.io is registered, and cannot be withdrawn: ${answer?.body ?? 'no answer'}`);
    }
  }
}
