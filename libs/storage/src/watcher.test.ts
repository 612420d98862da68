import { describe, expect, it } from 'vitest';
import { Change } from './change.ts';
import type { StorageCodec, StoredEvent } from './storage.ts';
import { StoredVersion } from './stored-version.ts';
import { Watcher } from './watcher.ts';

const codec: StorageCodec = {
  encode: (object) => Buffer.from(JSON.stringify(object)),
  decode: (bytes) => JSON.parse(bytes.toString()),
};

function version(name: string, revision: number, labels: Record<string, string> = {}): StoredVersion {
  return new StoredVersion(
    { namespace: 'default', name },
    codec.encode({ metadata: { name, labels } }),
    revision,
    codec,
  );
}

const types = (events: readonly StoredEvent[]) => events.map(({ type, revision }) => `${type} ${revision}`);
const isRed = (object: { object: { metadata?: { labels?: Record<string, string> } } }) =>
  object.object.metadata?.labels?.colour === 'red';

describe('Watcher', () => {
  it('hands out everything of one turn as one batch, the same event to every watcher', async () => {
    const [one, other] = [new Watcher(0, { namespace: '' }), new Watcher(0, { namespace: 'default' })];
    const batches = Promise.all([one.next(), other.next()]);
    for (let revision = 1; revision <= 3; revision++) {
      const change = Change.put(version('a', revision), undefined);
      for (const watcher of [one, other]) watcher.offer(change);
    }
    const [first, second] = await batches;
    expect(types(first.value!)).toEqual(['ADDED 1', 'ADDED 2', 'ADDED 3']);
    expect(first.value![0]).toBe(second.value![0]);
  });

  it('shows an object that starts to match as added and one that stops as deleted with its last content', async () => {
    const watcher = new Watcher(0, { namespace: '', filter: isRed });
    const [plain, red, still, none] = [
      version('a', 1),
      version('a', 2, { colour: 'red' }),
      version('a', 3, { colour: 'red', shade: 'dark' }),
      version('a', 4),
    ];
    watcher.offer(Change.put(plain, undefined));
    watcher.offer(Change.put(red, plain));
    watcher.offer(Change.put(still, red));
    watcher.offer(Change.put(none, still));
    watcher.offer(Change.deletion(none, 5));
    const { value } = await watcher.next();
    expect(types(value!)).toEqual(['ADDED 2', 'MODIFIED 3', 'DELETED 4']);
    const last = value!.at(-1)!;
    expect(last.type !== 'BOOKMARK' && last.object.object.metadata).toEqual({
      name: 'a',
      labels: { colour: 'red', shade: 'dark' },
      resourceVersion: '4',
    });
  });

  it('leaves out other namespaces, other names and the reader’s past', async () => {
    const watcher = new Watcher(2, { namespace: 'default', name: 'b' });
    watcher.offer(Change.put(version('b', 2), undefined));
    watcher.offer(Change.put(version('a', 3), undefined));
    watcher.offer(Change.put(version('b', 4), undefined));
    expect(types((await watcher.next()).value!)).toEqual(['ADDED 4']);
  });

  it('is ended when its reader lags, without an error, so that the client resumes', async () => {
    let dropped: boolean | undefined;
    const watcher = new Watcher(0, { namespace: '' });
    watcher.onEnd((reason) => (dropped = reason));
    const object = version('a', 1);
    for (let revision = 1; revision <= 10_001; revision++)
      watcher.offer(new Change('MODIFIED', object, object, revision));
    expect(dropped).toBe(true);
    expect(await watcher.next()).toEqual({ done: true, value: undefined });
  });

  it('does not count what it starts with against the reader', async () => {
    let dropped = false;
    const watcher = new Watcher(0, { namespace: '' });
    watcher.onEnd((reason) => (dropped = reason));
    const object = version('a', 1);
    watcher.start(Array.from({ length: 20_000 }, (_, index) => new Change('MODIFIED', object, object, index + 1)));
    watcher.offer(new Change('MODIFIED', object, object, 20_001));
    expect(dropped).toBe(false);
    expect((await watcher.next()).value).toHaveLength(20_001);
  });

  it('gives what has gathered before the error it ends with', async () => {
    const watcher = new Watcher(0, { namespace: '' });
    watcher.offer(Change.put(version('a', 1), undefined));
    watcher.end(new Error('compacted'));
    expect(types((await watcher.next()).value!)).toEqual(['ADDED 1']);
    await expect(watcher.next()).rejects.toThrow('compacted');
    expect((await watcher.next()).done).toBe(true);
  });

  it('does not send a bookmark from before its start', async () => {
    const watcher = new Watcher(9, { namespace: '' });
    watcher.bookmark({ type: 'BOOKMARK', revision: 8 });
    watcher.bookmark({ type: 'BOOKMARK', revision: 9 });
    expect(types((await watcher.next()).value!)).toEqual(['BOOKMARK 9']);
  });
});
