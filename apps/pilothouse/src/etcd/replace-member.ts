import { UserError } from '../user-error.ts';
import { callAnyMember } from './etcd-gateway.ts';
import type { EtcdAccess } from './etcd-gateway.ts';

interface Member {
  readonly ID: string;
  readonly name?: string;
  readonly peerURLs: readonly string[];
}

export interface ReplacedMember {
  readonly name: string;
  readonly peerUrls: readonly string[];
  /** For `--initial-cluster` of the new one. */
  readonly initialCluster: string;
}

/**
 * Makes room for a member whose data is lost: the old one is removed and one of the same name and address announced,
 * which starts on an empty directory with `--initial-cluster-state=existing`. In this order, so that the cluster never
 * counts a member that cannot come (https://etcd.io/docs/v3.5/op-guide/runtime-configuration/).
 */
export async function replaceMember(access: EtcdAccess, name: string): Promise<ReplacedMember> {
  const { members } = await callAnyMember<{ members: Member[] }>(access, '/v3/cluster/member/list');
  const lost = members.find((member) => member.name === name);
  if (!lost)
    throw new UserError(`there is no member ${name}; there are ${members.map((each) => each.name).join(', ')}`);
  await callAnyMember(access, '/v3/cluster/member/remove', { ID: lost.ID });
  await callAnyMember(access, '/v3/cluster/member/add', { peerURLs: lost.peerURLs });
  const initialCluster = members.flatMap((each) => each.peerURLs.map((url) => `${each.name}=${url}`)).join();
  return { name, peerUrls: lost.peerURLs, initialCluster };
}
