import type { PodAffinityTerm } from '@pilothouse/api';
import { describe } from 'vitest';
import { node, pod, type PodShape } from '../testing/objects.ts';
import { scenarios } from '../testing/scenario.ts';

const host = 'kubernetes.io/hostname';
const near = (app: string, term: Partial<PodAffinityTerm> = {}): PodAffinityTerm => ({
  topologyKey: host,
  labelSelector: { matchLabels: { app } },
  ...term,
});
const requires = (...terms: PodAffinityTerm[]): PodShape => ({
  spec: { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } } },
});
const avoids = (...terms: PodAffinityTerm[]): PodShape => ({
  spec: { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } } },
});
const db = pod('db', { labels: { app: 'db' }, on: 'a' });

describe('InterPodAffinity', () => {
  scenarios({
    'a pod goes to its company': {
      nodes: [node('a'), node('b')],
      existing: [db],
      pod: pod('p', requires(near('db'))),
      lands: 'a',
    },
    'no company, no node': {
      nodes: [node('a')],
      pod: pod('p', requires(near('db'))),
      fails: "0/1 nodes are available: 1 node(s) didn't match pod affinity rules.",
    },
    'the first of a group that wants to be together goes anywhere': {
      nodes: [node('a')],
      pod: pod('p', { ...requires(near('web')), labels: { app: 'web' } }),
      lands: 'a',
    },
    'the second of the group goes to the first': {
      nodes: [node('a'), node('b')],
      existing: [pod('1', { labels: { app: 'web' }, on: 'b' })],
      pod: pod('p', { ...requires(near('web')), labels: { app: 'web' } }),
      lands: 'b',
    },
    'all terms must be satisfied by the same pods': {
      nodes: [node('a')],
      existing: [db, pod('cache', { labels: { app: 'cache' }, on: 'a' })],
      pod: pod('p', requires(near('db'), near('cache'))),
      fails: "0/1 nodes are available: 1 node(s) didn't match pod affinity rules.",
    },
    'a pod keeps away from those it avoids': {
      nodes: [node('a'), node('b')],
      existing: [db],
      pod: pod('p', avoids(near('db'))),
      lands: 'b',
    },
    'avoided everywhere': {
      nodes: [node('a')],
      existing: [db],
      pod: pod('p', avoids(near('db'))),
      fails: "0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules.",
    },
    'a pod keeps away from those that avoid it': {
      nodes: [node('a')],
      existing: [pod('shy', { labels: { app: 'shy' }, spec: { ...avoids(near('web')).spec, nodeName: 'a' } })],
      pod: pod('p', { labels: { app: 'web' } }),
      fails: "0/1 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules.",
    },
    'other namespaces do not count unless named': {
      nodes: [node('a')],
      existing: [pod('db', { namespace: 'other', labels: { app: 'db' }, on: 'a' })],
      pod: pod('p', avoids(near('db'))),
      lands: 'a',
    },
    'a named namespace counts': {
      nodes: [node('a'), node('b')],
      existing: [pod('db', { namespace: 'other', labels: { app: 'db' }, on: 'a' })],
      pod: pod('p', requires(near('db', { namespaces: ['other'] }))),
      lands: 'a',
    },
    'a namespace selected by its labels counts': {
      nodes: [node('a'), node('b')],
      given: (cluster) => cluster.stores.namespaces.set({ metadata: { name: 'other', labels: { team: 'x' } } }),
      existing: [pod('db', { namespace: 'other', labels: { app: 'db' }, on: 'b' })],
      pod: pod('p', requires(near('db', { namespaceSelector: { matchLabels: { team: 'x' } } }))),
      lands: 'b',
    },
    'a term without a selector matches no pod': {
      nodes: [node('a')],
      existing: [db],
      pod: pod('p', requires({ topologyKey: host })),
      fails: "0/1 nodes are available: 1 node(s) didn't match pod affinity rules.",
    },
    'preferred company attracts': {
      nodes: [node('a'), node('b'), node('c')],
      existing: [pod('db', { labels: { app: 'db' }, on: 'c', requests: { cpu: '1' } })],
      pod: pod('p', {
        spec: {
          affinity: {
            podAffinity: {
              preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: near('db') }],
            },
          },
        },
      }),
      lands: 'c',
    },
    'company to be avoided, if possible, repels': {
      nodes: [node('a'), node('b', { cpu: '2', memory: '4Gi' })],
      existing: [db],
      pod: pod('p', {
        spec: {
          affinity: {
            podAntiAffinity: {
              preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: near('db') }],
            },
          },
        },
      }),
      lands: 'b',
    },
    'a pod that requires this one attracts it': {
      nodes: [node('a'), node('b', { cpu: '2', memory: '4Gi' })],
      existing: [
        pod('first', { labels: { app: 'web' }, on: 'b' }),
        pod('fan', { labels: { app: 'fan' }, spec: { ...requires(near('web')).spec, nodeName: 'b' } }),
      ],
      pod: pod('p', { labels: { app: 'web' } }),
      lands: 'b',
    },
  });
});
