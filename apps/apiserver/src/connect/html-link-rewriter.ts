import { Transform, type TransformCallback } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** The attributes that hold URLs. https://html.spec.whatwg.org/multipage/indices.html#attributes-3 */
const LINKS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    ...{ a: ['href'], applet: ['codebase'], area: ['href'], audio: ['src'], base: ['href'], blockquote: ['cite'] },
    ...{ body: ['background'], button: ['formaction'], command: ['icon'], del: ['cite'], embed: ['src'] },
    ...{ form: ['action'], frame: ['longdesc', 'src'], head: ['profile'], html: ['manifest'] },
    ...{ iframe: ['longdesc', 'src'], img: ['longdesc', 'src', 'usemap'], input: ['src', 'usemap', 'formaction'] },
    ...{ ins: ['cite'], link: ['href'], object: ['classid', 'codebase', 'data', 'usemap'], q: ['cite'] },
    ...{ script: ['src'], source: ['src'], video: ['poster', 'src'] },
  }),
);
/** Elements whose text is no markup. */
const RAW_TEXT = new Set(['script', 'style', 'textarea', 'title']);
const TAG_NAME = /^<([a-z][a-z0-9]*)/i;
const ATTRIBUTE = /([^\s"'<>/=]+)(?:(\s*=\s*)(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g;
/** A tag longer than this is let through as it is. */
const LONGEST_TAG = 16 * 1024;

/** Gives every link of an HTML page to `rewrite`, as the page comes in; all else passes unchanged. */
export class HtmlLinkRewriter extends Transform {
  readonly #rewrite: (url: string) => string;
  readonly #decoder = new StringDecoder('latin1');
  #pending = '';
  /** What ends the comment or raw text that we are in. */
  #until: string | undefined;

  constructor(rewrite: (url: string) => string) {
    super();
    this.#rewrite = rewrite;
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.#pending += this.#decoder.write(chunk);
    this.#emit(this.#consume());
    done();
  }

  override _flush(done: TransformCallback): void {
    this.#emit(this.#consume() + this.#pending);
    done();
  }

  /** Bytes outside ASCII are none of our business, so each stays one character. */
  #emit(text: string): void {
    if (text !== '') this.push(Buffer.from(text, 'latin1'));
  }

  /** As much as can be told apart already. */
  #consume(): string {
    let out = '';
    for (;;) {
      const next = this.#until === undefined ? this.#markup() : this.#rawText(this.#until);
      if (next === undefined) return out;
      out += next;
    }
  }

  #rawText(end: string): string | undefined {
    const at = this.#pending.toLowerCase().indexOf(end);
    if (at >= 0) {
      this.#until = undefined;
      return this.#take(at + end.length);
    }
    const safe = this.#pending.length - end.length;
    return safe > 0 ? this.#take(safe) : undefined;
  }

  #markup(): string | undefined {
    const at = this.#pending.indexOf('<');
    if (at !== 0) return this.#pending === '' ? undefined : this.#take(at < 0 ? this.#pending.length : at);
    if (this.#pending.startsWith('<!--')) {
      this.#until = '-->';
      return this.#take(4);
    }
    const name = TAG_NAME.exec(this.#pending)?.[1]?.toLowerCase();
    // `<` alone may be the beginning of anything.
    if (name === undefined) return this.#pending.length < '<!--'.length ? undefined : this.#take(1);
    const end = endOfTag(this.#pending);
    if (end < 0) return this.#pending.length < LONGEST_TAG ? undefined : this.#take(1);
    const tag = this.#take(end);
    if (RAW_TEXT.has(name)) this.#until = `</${name}`;
    const links = LINKS.get(name);
    return links === undefined ? tag : this.#withLinks(tag, links);
  }

  #withLinks(tag: string, links: readonly string[]): string {
    return tag.replace(
      ATTRIBUTE,
      (all, name: string, equals?: string, double?: string, single?: string, bare?: string) => {
        const value = double ?? single ?? bare;
        if (value === undefined || !links.includes(name.toLowerCase())) return all;
        const quote = single === undefined ? '"' : "'";
        return `${name}${equals}${quote}${this.#rewrite(value)}${quote}`;
      },
    );
  }

  #take(length: number): string {
    const taken = this.#pending.slice(0, length);
    this.#pending = this.#pending.slice(length);
    return taken;
  }
}

/** Behind the `>` that is not inside of quotes; -1 when it has not come yet. */
function endOfTag(text: string): number {
  let quote = '';
  for (let at = 1; at < text.length && at < LONGEST_TAG; at++) {
    const character = text[at]!;
    if (quote !== '') quote = character === quote ? '' : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === '>') return at + 1;
  }
  return -1;
}
