import { describe, expect, test } from 'vitest';
import { AnswerRewriter } from './answer-rewriter.ts';

const PREFIX = '/api/v1/namespaces/x/pods/y:80/proxy';
const rewriter = new AnswerRewriter({ prefix: PREFIX, hosts: ['localhost:8001', '10.0.0.7:80'] });

describe('an answer of a proxied server', () => {
  test.each([
    ['/login?next=%2F', `${PREFIX}/login?next=%2F`],
    ['/', `${PREFIX}/`],
    ['http://10.0.0.7:80/login', `${PREFIX}/login`],
    ['//localhost:8001/login', `${PREFIX}/login`],
    ['login', 'login'],
    ['?page=2', '?page=2'],
    ['https://example.com/login', 'https://example.com/login'],
    [`${PREFIX}/login`, `${PREFIX}/login`],
  ])('that links to %s leads to %s', (location, expected) => {
    expect(rewriter.headers({ location })).toEqual({ location: expected });
  });

  test('grants nothing to other origins', () => {
    expect(rewriter.headers({ 'access-control-allow-origin': '*', etag: '"1"' })).toEqual({ etag: '"1"' });
  });

  test('loses its length only when its links are rewritten', () => {
    const length = { 'content-length': '9' };
    expect(rewriter.headers({ 'content-type': 'text/html; charset=utf-8', ...length })).not.toHaveProperty(
      'content-length',
    );
    expect(rewriter.headers({ 'content-type': 'text/plain', ...length })).toMatchObject(length);
    expect(rewriter.headers({ 'content-type': 'text/html', 'content-encoding': 'br', ...length })).toMatchObject(
      length,
    );
  });
});
