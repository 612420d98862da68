import { describe, expect, it } from 'vitest';
import { parseGoUrl } from './go-url.ts';

describe('parseGoUrl', () => {
  it.each([
    ['https://a.example.com:443/x?q=1#f', { scheme: 'https', host: 'a.example.com:443', query: 'q=1', fragment: 'f' }],
    ['HTTPS://u:p@h', { scheme: 'https', user: 'u:p', host: 'h' }],
    ['nothing', { scheme: '', host: '' }],
    ['localhost:443/x', { scheme: 'localhost', host: '' }],
    ['/only/a/path', { scheme: '', host: '' }],
    ['//host/x', { scheme: '', host: 'host' }],
    ['https://[::1]:443', { scheme: 'https', host: '[::1]:443' }],
  ])('splits %s', (text, expected) => {
    expect(parseGoUrl(text)).toMatchObject(expected);
  });

  it.each([
    [':x', 'missing protocol scheme'],
    ['10.0.0.1:443/x', 'first path segment in URL cannot contain colon'],
    ['https://a b', 'invalid character " " in host name'],
    ['https://a:b', 'invalid port ":b" after host'],
    ['https://[::1', "missing ']' in host"],
    ['https://a/%zz', 'invalid URL escape "%zz"'],
    ['https://a\n', 'net/url: invalid control character in URL'],
  ])('refuses %j', (text, why) => {
    expect(parseGoUrl(text)).toEqual({ error: `parse ${JSON.stringify(text)}: ${why}` });
  });
});
