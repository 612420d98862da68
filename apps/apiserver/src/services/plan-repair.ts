import { type IPAddress, isHeadless, needsClusterIp, type Service } from '@pilothouse/api';

/** A request takes its addresses first and writes its Service then: what is younger may still get one. */
const GRACE_MS = 60_000;

export interface AddressRepairs {
  /** Addresses of Services for which no object stands. */
  readonly missing: readonly { readonly address: string; readonly service: Service }[];
  /** Objects whose Service is gone or has another address: they keep an address from being given. */
  readonly leaked: readonly IPAddress[];
  /** Addresses that two Services have; only people can tell whose it should be. */
  readonly contested: readonly { readonly address: string; readonly service: Service }[];
}

/** What has come apart between Services and the IPAddresses they took, by a crash or by hand. Pure. */
export function planAddressRepairs(
  services: readonly Service[],
  addresses: readonly IPAddress[],
  now: Date,
): AddressRepairs {
  const byName = new Map(addresses.map((each) => [each.metadata.name, each]));
  const owners = new Map(services.map((each) => [keyOf(each.metadata), addressesOf(each)]));
  const holds = ({ metadata, spec }: IPAddress): boolean =>
    spec.parentRef !== undefined && owners.get(keyOf(spec.parentRef))?.includes(metadata.name ?? '') === true;
  const of = services.flatMap((service) => addressesOf(service).map((address) => ({ address, service })));
  return {
    missing: of.filter(({ address }) => !byName.has(address)),
    contested: of.filter(({ address, service }) => {
      const taken = byName.get(address);
      return taken && holds(taken) && keyOf(taken.spec.parentRef!) !== keyOf(service.metadata);
    }),
    leaked: addresses.filter((each) => {
      const { labels, creationTimestamp } = each.metadata;
      const isOurs = labels?.['ipaddress.kubernetes.io/managed-by'] === 'ipallocator.k8s.io';
      return isOurs && !holds(each) && now.getTime() - Date.parse(creationTimestamp ?? '') > GRACE_MS;
    }),
  };
}

const keyOf = ({ namespace = '', name = '' }: { namespace?: string; name?: string }): string => `${namespace}/${name}`;

function addressesOf({ spec }: Service): readonly string[] {
  return spec && needsClusterIp(spec) && !isHeadless(spec) ? (spec.clusterIPs ?? []) : [];
}
