import { expect, test } from 'vitest';
import { Diagnosis, fitErrorMessage } from './diagnosis.ts';
import { unresolvable, unschedulable } from './status.ts';

test('reasons are counted over the nodes and sorted as text', () => {
  const diagnosis = new Diagnosis();
  diagnosis.nodeStatuses.set('a', unschedulable('Insufficient memory', 'Insufficient cpu'));
  diagnosis.nodeStatuses.set('b', unschedulable('Insufficient cpu'));
  expect(fitErrorMessage(diagnosis, 2)).toBe('0/2 nodes are available: 1 Insufficient memory, 2 Insufficient cpu.');
});

test('nodes that were not looked at share one reason', () => {
  const diagnosis = new Diagnosis();
  diagnosis.nodeStatuses.set('a', unschedulable('Too many pods'));
  diagnosis.nodeStatuses.setAbsent(unresolvable("node(s) didn't satisfy plugin(s) [NodeAffinity]"));
  expect(fitErrorMessage(diagnosis, 4)).toBe(
    "0/4 nodes are available: 1 Too many pods, 3 node(s) didn't satisfy plugin(s) [NodeAffinity].",
  );
});

test('what preFilter said stands instead of the nodes, what postFilter said after it', () => {
  const diagnosis = new Diagnosis();
  diagnosis.nodeStatuses.setAbsent(unresolvable('pod is odd'));
  diagnosis.preFilterMessage = 'pod is odd';
  diagnosis.postFilterMessage = 'preemption: no.';
  expect(fitErrorMessage(diagnosis, 3)).toBe('0/3 nodes are available: pod is odd. preemption: no.');
});
