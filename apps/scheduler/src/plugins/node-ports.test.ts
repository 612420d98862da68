import type { ContainerPort } from '@pilothouse/api';
import { describe } from 'vitest';
import { node, pod, type PodShape } from '../testing/objects.ts';
import { scenarios } from '../testing/scenario.ts';

const refused = "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.";

function listening(...ports: Omit<ContainerPort, 'containerPort'>[]): PodShape {
  return { spec: { containers: [{ name: 'main', ports: ports.map((port) => ({ containerPort: 80, ...port })) }] } };
}

describe('NodePorts', () => {
  const taken = pod('old', {
    ...listening({ hostPort: 8080 }),
    on: 'a',
    spec: { ...listening({ hostPort: 8080 }).spec, nodeName: 'a' },
  });
  const onLoopback = pod('old', {
    spec: { ...listening({ hostPort: 8080, hostIP: '127.0.0.1' }).spec, nodeName: 'a' },
  });
  scenarios({
    'a taken port refuses': {
      nodes: [node('a')],
      existing: [taken],
      pod: pod('p', listening({ hostPort: 8080 })),
      fails: refused,
    },
    'another node has it free': {
      nodes: [node('a'), node('b')],
      existing: [taken],
      pod: pod('p', listening({ hostPort: 8080 })),
      lands: 'b',
    },
    'another protocol is another port': {
      nodes: [node('a')],
      existing: [taken],
      pod: pod('p', listening({ hostPort: 8080, protocol: 'UDP' })),
      lands: 'a',
    },
    'another address is another port': {
      nodes: [node('a')],
      existing: [onLoopback],
      pod: pod('p', listening({ hostPort: 8080, hostIP: '127.0.0.2' })),
      lands: 'a',
    },
    'any address conflicts with each': {
      nodes: [node('a')],
      existing: [onLoopback],
      pod: pod('p', listening({ hostPort: 8080 })),
      fails: refused,
    },
    'a container port alone takes nothing': {
      nodes: [node('a')],
      existing: [taken],
      pod: pod('p', listening({})),
      lands: 'a',
    },
  });
});
