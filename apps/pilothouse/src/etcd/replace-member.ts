import { setTimeout } from 'node:timers/promises';
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

/** For a leader to be found, which the lost member may have been, and for the change itself on a busy machine. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 500;

/**
 * Makes room for a member whose data is lost: the old one is removed and one of the same name and address announced,
 * which starts on an empty directory with `--initial-cluster-state=existing`. In this order, so that the cluster never
 * counts a member that cannot come (https://etcd.io/docs/v3.5/op-guide/runtime-configuration/). A change that got no
 * answer may have been made all the same, so each step begins with a look at the members.
 */
export async function replaceMember(access: EtcdAccess, name: string): Promise<ReplacedMember> {
  const members = await membersOf(access);
  const lost = members.find((member) => member.name === name);
  if (!lost)
    throw new UserError(`there is no member ${name}; there are ${members.map((each) => each.name).join(', ')}`);
  const untilMs = performance.now() + PATIENCE_MS;
  while (!(await step(access, lost, untilMs)));
  const initialCluster = members.flatMap((each) => each.peerURLs.map((url) => `${each.name}=${url}`)).join();
  return { name, peerUrls: lost.peerURLs, initialCluster };
}

/** True when nothing is left to do. */
async function step(access: EtcdAccess, lost: Member, untilMs: number): Promise<boolean> {
  try {
    const members = await membersOf(access);
    if (members.some(({ ID }) => ID === lost.ID)) {
      await callAnyMember(access, '/v3/cluster/member/remove', { ID: lost.ID });
    } else if (members.some(({ peerURLs }) => peerURLs.some((url) => lost.peerURLs.includes(url)))) {
      return true;
    } else {
      await callAnyMember(access, '/v3/cluster/member/add', { peerURLs: lost.peerURLs });
    }
  } catch (error) {
    if (performance.now() > untilMs) throw error;
    await setTimeout(PAUSE_MS);
  }
  return false;
}

async function membersOf(access: EtcdAccess): Promise<Member[]> {
  return (await callAnyMember<{ members: Member[] }>(access, '/v3/cluster/member/list')).members;
}
