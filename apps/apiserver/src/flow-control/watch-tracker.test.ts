import { expect, it } from 'vitest';
import { parseRequestInfo } from '../request-info.ts';
import { WatchTracker } from './watch-tracker.ts';

const about = (method: string, path: string, query = '') =>
  parseRequestInfo(method, path, path.slice(1).split('/'), new URLSearchParams(query));

it('counts the watches that an event goes to', () => {
  const tracker = new WatchTracker();
  const watch = (path: string, query = '') => tracker.register(about('GET', path, `watch=1&${query}`));
  const end = watch('/api/v1/pods');
  watch('/api/v1/namespaces/a/pods');
  watch('/api/v1/namespaces/a/pods', 'fieldSelector=metadata.name=x');
  watch('/api/v1/namespaces/b/pods');
  watch('/api/v1/pods', 'fieldSelector=spec.nodeName=n1');
  const write = (path: string) => tracker.countFor(about('PUT', path));
  expect(write('/api/v1/namespaces/a/pods/x')).toBe(3);
  expect(write('/api/v1/namespaces/a/pods/y')).toBe(2);
  expect(write('/api/v1/namespaces/c/pods/y')).toBe(1);
  expect(write('/api/v1/namespaces/a/secrets/x')).toBe(0);
  end();
  expect(write('/api/v1/namespaces/c/pods/y')).toBe(0);
});
