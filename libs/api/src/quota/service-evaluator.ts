import { Quantity } from '@pilothouse/apimachinery';
import type { Service } from '@pilothouse/api';
import type { QuotaEvaluator } from './evaluator.ts';

const NAMES = new Set(['services', 'count/services', 'services.nodeports', 'services.loadbalancers']);

/** Services, and the node ports and load balancers behind them. */
export const serviceEvaluator: QuotaEvaluator = {
  group: '',
  resource: 'services',
  charges: ({ operation, subresource }) => subresource === '' && (operation === 'CREATE' || operation === 'UPDATE'),
  matching: (names) => names.filter((name) => NAMES.has(name)),
  usage({ spec }: Service) {
    const ports = BigInt(spec.ports?.length ?? 0);
    const isLoadBalancer = spec.type === 'LoadBalancer';
    // A load balancer may do without node ports; then those it has were asked for one by one.
    const given =
      spec.allocateLoadBalancerNodePorts === false
        ? (spec.ports ?? []).filter(({ nodePort }) => nodePort).length
        : Number(ports);
    const nodePorts = spec.type === 'NodePort' ? Number(ports) : isLoadBalancer ? given : 0;
    return {
      services: Quantity.of(1),
      'count/services': Quantity.of(1),
      'services.nodeports': Quantity.of(nodePorts),
      'services.loadbalancers': Quantity.of(isLoadBalancer ? 1 : 0),
    };
  },
};
