import type { EtcdClient } from '@pilothouse/etcd';
import { Cable } from './cable.ts';

/** What the members of etcd talk over: a cable before each of them, which knows who is talking to it. */
export class PeerNetwork {
  readonly #cables = new Map<number, Cable>();

  /** For `startEtcdCluster`: the port to tell the others instead. */
  async advertise(listening: number): Promise<number> {
    const cable = await Cable.start(listening);
    this.#cables.set(cable.port, cable);
    return cable.port;
  }

  /** Parts one member from all others, in both directions; it still hears its clients. */
  async isolate(etcd: EtcdClient, endpoint: string): Promise<void> {
    const members = await etcd.maintenance.memberList();
    const { id, peerUrls } = members.find(({ clientUrls }) => clientUrls.includes(endpoint))!;
    const isolated = BigInt(id).toString(16);
    const own = Number(new URL(peerUrls[0]!).port);
    for (const [port, cable] of this.#cables) cable.swallow((source) => port === own || source === isolated);
  }

  /** Nobody hears anybody. */
  silence(): void {
    for (const cable of this.#cables.values()) cable.swallow();
  }

  mend(): void {
    for (const cable of this.#cables.values()) cable.mend();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#cables.values()].map((cable) => cable.close()));
  }
}
