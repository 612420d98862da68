import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseConfiguration } from '../config/scheduler-configuration.ts';
import { FakeCluster } from '../testing/fake-cluster.ts';
import { node, pod } from '../testing/objects.ts';
import type { ExtenderConfiguration } from './extender-configuration.ts';

let server: Server;
/** What the extender answers, by verb; a missing verb is an error. */
let answers: Record<string, (body: any) => object>;
let asked: { verb: string; body: any }[];

beforeEach(async () => {
  [answers, asked] = [{}, []];
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const verb = request.url!.slice('/ext/'.length);
      const body = JSON.parse(Buffer.concat(parts).toString());
      asked.push({ verb, body });
      const answer = answers[verb];
      response.writeHead(answer ? 200 : 500).end(JSON.stringify(answer?.(body) ?? {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(
  () =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(resolve);
    }),
);

function cluster(config: Partial<ExtenderConfiguration>): FakeCluster {
  const urlPrefix = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ext`;
  const made = new FakeCluster({ configuration: { extenders: [{ urlPrefix, ...config }] } });
  return made.apply(node('a'), node('b'), node('c'));
}

const names = (body: any): string[] => body.Nodes.items.map(({ metadata }: any) => metadata.name);

describe('an extender', () => {
  test('narrows the nodes, and is shown those that fit', async () => {
    answers['filter'] = ({ Nodes }) => ({ nodes: { items: Nodes.items.slice(1, 2) }, failedNodes: {} });
    const made = cluster({ filterVerb: 'filter' }).apply(node('full', { cpu: '0' }));
    made.apply(pod('web', { requests: { cpu: '1' } }));
    await made.settle();
    expect(names(asked[0]!.body).sort()).toEqual(['a', 'b', 'c']);
    expect(asked[0]!.body.Pod.metadata.name).toBe('web');
    expect(made.nodeOf('web')).toBe(names(asked[0]!.body)[1]);
  });

  test('that refuses all of them says why', async () => {
    answers['filter'] = () => ({ FailedNodes: { a: 'too hot', b: 'too hot', c: 'too cold' } });
    const made = cluster({ filterVerb: 'filter' }).apply(pod('web'));
    await made.settle();
    expect(made.messages('web')).toEqual([
      '0/3 nodes are available: 1 too cold, 2 too hot. no new claims to deallocate, preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.',
    ]);
  });

  test('that knows the nodes itself is told their names', async () => {
    answers['filter'] = () => ({ NodeNames: ['c'] });
    const made = cluster({ filterVerb: 'filter', nodeCacheCapable: true }).apply(pod('web'));
    await made.settle();
    expect(asked[0]!.body).toMatchObject({ Nodes: null, NodeNames: expect.arrayContaining(['a', 'b', 'c']) });
    expect(made.nodeOf('web')).toBe('c');
  });

  test('scores, with its weight', async () => {
    answers['prioritize'] = () => [{ Host: 'b', Score: 10 }];
    const made = cluster({ prioritizeVerb: 'prioritize', weight: 5 }).apply(pod('one'), pod('two'), pod('three'));
    await made.settle();
    expect(['one', 'two', 'three'].map((name) => made.nodeOf(name))).toEqual(['b', 'b', 'b']);
  });

  test('binds instead of the scheduler', async () => {
    answers['bind'] = () => ({});
    const made = cluster({ bindVerb: 'bind' }).apply(pod('web'));
    await made.settle();
    expect(asked).toEqual([
      { verb: 'bind', body: { PodName: 'web', PodNamespace: 'default', PodUID: 'uid-web', Node: expect.any(String) } },
    ]);
  });

  test('that manages a resource is asked about pods that want it only', async () => {
    answers['filter'] = () => ({ NodeNames: ['a'] });
    const managedResources = [{ name: 'example.com/x' }];
    const made = cluster({ filterVerb: 'filter', nodeCacheCapable: true, managedResources });
    made.apply(pod('plain'));
    await made.settle();
    expect(asked).toEqual([]);
  });

  const crowded = (config: Partial<ExtenderConfiguration>): FakeCluster => {
    const made = cluster({ preemptVerb: 'preempt', ...config });
    const requests = { cpu: '3' };
    for (const name of ['a', 'b', 'c']) made.apply(node(name, { cpu: '4' }), pod(`on-${name}`, { requests, on: name }));
    return made.apply(pod('vip', { requests, priority: 100 }));
  };

  test('chooses among the nodes on which others would have to go', async () => {
    answers['preempt'] = ({ NodeNameToVictims }) => {
      const [victim] = NodeNameToVictims.b.Pods;
      return { NodeNameToMetaVictims: { b: { Pods: [{ UID: victim.metadata.uid }], NumPDBViolations: 0 } } };
    };
    const made = crowded({});
    await made.settle();
    expect(Object.keys(asked[0]!.body.NodeNameToVictims).sort()).toEqual(['a', 'b', 'c']);
    expect(asked[0]!.body).toMatchObject({ Pod: { metadata: { name: 'vip' } }, NodeNameToMetaVictims: null });
    expect(made.pod('vip').status?.nominatedNodeName).toBe('b');
    expect(made.pod('on-b').metadata.deletionTimestamp).toBeDefined();
    expect(made.pod('on-a').metadata.deletionTimestamp).toBeUndefined();
  });

  test('that knows the pods itself is told their uids, and may agree to nothing', async () => {
    answers['preempt'] = () => ({ nodeNameToMetaVictims: {} });
    const made = crowded({ nodeCacheCapable: true });
    await made.settle();
    expect(asked[0]!.body.NodeNameToMetaVictims.a).toEqual({ Pods: [{ UID: 'uid-on-a' }], NumPDBViolations: 0 });
    expect(made.messages('vip')[0]).toContain('preemption: no candidate node for preemption');
    expect(made.pod('on-a').metadata.deletionTimestamp).toBeUndefined();
  });

  test('that fails to judge a preemption stops it, unless it may be ignored', async () => {
    const strict = crowded({});
    await strict.settle();
    expect(strict.messages('vip')[0]).toContain('failed preempt with extender at URL');
    expect(strict.pod('vip').status?.nominatedNodeName).toBeUndefined();
    const lenient = crowded({ ignorable: true });
    await lenient.settle();
    expect(lenient.pod('vip').status?.nominatedNodeName).toBeDefined();
  });

  test('that fails keeps the pod waiting, unless it may be ignored', async () => {
    const strict = cluster({ filterVerb: 'nosuch' }).apply(pod('web'));
    await strict.settle();
    expect(strict.messages('web')[0]).toContain('failed nosuch with extender at URL');
    expect(strict.nodeOf('web')).toBeUndefined();
    const lenient = cluster({ filterVerb: 'nosuch', ignorable: true }).apply(pod('web'));
    await lenient.settle();
    expect(lenient.nodeOf('web')).toBeDefined();
  });
});

describe('the configuration of extenders', () => {
  const parse = (extenders: object[]) =>
    parseConfiguration(
      JSON.stringify({ apiVersion: 'kubescheduler.config.k8s.io/v1', kind: 'KubeSchedulerConfiguration', extenders }),
    );
  const urlPrefix = 'http://x';

  test.each([
    [[{ urlPrefix: 'nowhere' }], 'extenders[0].urlPrefix'],
    [
      [{ urlPrefix, prioritizeVerb: 'p' }],
      'extenders[0].weight: Invalid value: 0: must have a positive weight applied',
    ],
    [
      [
        { urlPrefix, bindVerb: 'b' },
        { urlPrefix, bindVerb: 'b' },
      ],
      'only one extender can implement bind',
    ],
    [[{ urlPrefix, colour: 'red' }], 'unknown field "extenders[0].colour"'],
    [[{ urlPrefix, managedResources: [{ name: 'a/b' }, { name: 'a/b' }] }], 'duplicate extender managed resource name'],
  ])('%j is refused', (extenders, message) => {
    expect(() => parse(extenders)).toThrow(message);
  });

  test('keeps the resources that extenders count out of NodeResourcesFit', () => {
    const managedResources = [{ name: 'a/b', ignoredByScheduler: true }, { name: 'a/c' }];
    expect(parse([{ urlPrefix, managedResources }]).profiles[0]!.pluginConfig).toEqual([
      { name: 'NodeResourcesFit', args: { ignoredResources: ['a/b'] } },
    ]);
  });
});
