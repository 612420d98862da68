import type { Etcd3Connection } from './etcd3-connection.ts';

export interface MemberStatus {
  readonly version: string;
  readonly revision: number;
  readonly dbSizeBytes: number;
  readonly dbSizeInUseBytes: number;
  readonly memberId: string;
  readonly leaderId: string;
  readonly errors: readonly string[];
}

export interface Member {
  readonly id: string;
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  readonly isLearner: boolean;
}

export interface Alarm {
  readonly memberId: string;
  readonly alarm: 'NOSPACE' | 'CORRUPT';
}

/** What keeps a cluster healthy. Calls that concern one member's own files take its endpoint. */
export class EtcdMaintenance {
  readonly #connection: Etcd3Connection;

  constructor(connection: Etcd3Connection) {
    this.#connection = connection;
  }

  status(endpoint: string): Promise<MemberStatus> {
    return this.#connection.member(endpoint, async (client) => {
      const status = await client.maintenance.status();
      return {
        version: status.version,
        revision: Number(status.header.revision),
        dbSizeBytes: Number(status.dbSize),
        dbSizeInUseBytes: Number(status.dbSizeInUse),
        memberId: status.header.member_id,
        leaderId: status.leader,
        errors: status.errors ?? [],
      };
    });
  }

  async memberList(): Promise<readonly Member[]> {
    const { members } = await this.#connection.anyMember((client) => client.cluster.memberList({}));
    return members.map(({ ID, name, peerURLs, clientURLs, isLearner }) => ({
      id: ID,
      name,
      peerUrls: peerURLs,
      clientUrls: clientURLs,
      isLearner: isLearner ?? false,
    }));
  }

  async alarms(): Promise<readonly Alarm[]> {
    const { alarms } = await this.#connection.anyMember((client) => client.maintenance.alarm({ action: 'Get' }));
    return alarms
      .map(({ memberID, alarm }) => ({ memberId: memberID, alarm: alarm.toUpperCase() }))
      .filter((each): each is Alarm => each.alarm === 'NOSPACE' || each.alarm === 'CORRUPT');
  }

  async disarm(alarm: Alarm): Promise<void> {
    await this.#connection.anyMember((client) =>
      client.maintenance.alarm({
        action: 'Deactivate',
        memberID: alarm.memberId,
        alarm: alarm.alarm === 'NOSPACE' ? 'Nospace' : 'Corrupt',
      }),
    );
  }

  /** Gives compacted space back to the file system; the member answers nobody meanwhile. */
  async defragment(endpoint: string): Promise<void> {
    // Far over the usual deadline: a large database takes minutes.
    await this.#connection.member(endpoint, (client) =>
      client.maintenance.defragment({ deadline: Date.now() + 600_000 }),
    );
  }

  /** The member's whole database as it is now, with a SHA-256 of it in the last 32 bytes. */
  async *snapshot(endpoint: string): AsyncGenerator<Buffer> {
    const stream = await this.#connection.member(endpoint, (client) => client.maintenance.snapshot());
    for await (const { blob } of stream as unknown as AsyncIterable<{ blob: Buffer }>) yield blob;
  }
}
