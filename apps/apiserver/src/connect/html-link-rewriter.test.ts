import { text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HtmlLinkRewriter } from './html-link-rewriter.ts';

/** The page as it comes out when it comes in with chunks of this size. */
async function rewritten(page: string, chunkSize = page.length || 1): Promise<string> {
  const bytes = Buffer.from(page);
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunkSize) }, (_, index) =>
    bytes.subarray(index * chunkSize, (index + 1) * chunkSize),
  );
  return text(Readable.from(chunks).pipe(new HtmlLinkRewriter((url) => (url.startsWith('/') ? `/p${url}` : url))));
}

describe('links of a proxied page', () => {
  test.each([
    ['<a href="/rewriteme">test</a>', '<a href="/p/rewriteme">test</a>'],
    [`<IMG alt=x SRC='/a.png' usemap=/m>`, `<IMG alt=x SRC='/p/a.png' usemap="/p/m">`],
    ['<a title="a > b" href="/x">', '<a title="a > b" href="/p/x">'],
    ['<a href="x" name="/y">', '<a href="x" name="/y">'],
    ['<p href="/x">', '<p href="/x">'],
    ['<!-- <a href="/x"> --><a href="/x">', '<!-- <a href="/x"> --><a href="/p/x">'],
    [`<script src="/s.js">'<a href="/x">'</script>`, `<script src="/p/s.js">'<a href="/x">'</script>`],
    ['1 < 2, <a href="/ü">ß</a>', '1 < 2, <a href="/p/ü">ß</a>'],
    ['<a href="/never ends', '<a href="/never ends'],
  ])('%s', async (page, expected) => {
    expect(await rewritten(page)).toBe(expected);
    expect(await rewritten(page, 1)).toBe(expected);
  });

  test('do not change anything else, wherever the chunks begin', async () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '"',
      "'",
      '=',
      'a',
      ' href',
      '</script',
      '<script>',
      '<!--',
      '-->',
      'ä',
      '/',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece), fc.integer({ min: 1, max: 7 }), async (pieces, size) => {
        const page = pieces.join('');
        expect(await rewritten(page, size)).toBe(await rewritten(page));
        if (!/=/.test(page)) expect(await rewritten(page)).toBe(page);
      }),
    );
  });
});
