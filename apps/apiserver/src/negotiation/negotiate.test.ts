import { describe, expect, it } from 'vitest';
import { negotiate, negotiateWatch, OBJECT_OFFER, PLAIN_OFFER, wantsPretty } from './negotiate.ts';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

describe('negotiate', () => {
  it('gives JSON to who does not say', () => {
    for (const header of [undefined, '', '*/*', 'application/*']) {
      expect(negotiate(header, OBJECT_OFFER)).toEqual({ encoding: 'json' });
    }
  });

  it('takes the first wish that can be fulfilled', () => {
    expect(negotiate('text/html, application/yaml', OBJECT_OFFER)).toEqual({ encoding: 'yaml' });
    expect(negotiate(`${TABLE},application/json`, OBJECT_OFFER)).toEqual({
      encoding: 'json',
      transform: { kind: 'Table', version: 'v1' },
    });
    expect(negotiate('application/json;q=0.5,application/vnd.kubernetes.protobuf;q=0.9', OBJECT_OFFER)).toEqual({
      encoding: 'protobuf',
    });
  });

  it('knows what an object can be turned into', () => {
    const list = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';
    expect(negotiate(list, OBJECT_OFFER).transform?.kind).toBe('PartialObjectMetadataList');
    expect(negotiate(`${list},application/json`, PLAIN_OFFER)).toEqual({ encoding: 'json' });
    for (const parameters of [
      'as=Table;v=v2;g=meta.k8s.io',
      'as=Pod;v=v1;g=meta.k8s.io',
      'v=v1',
      'sv=v2',
      'stream=x',
    ]) {
      expect(() => negotiate(`application/json;${parameters}`, OBJECT_OFFER)).toThrow(
        'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
      );
    }
  });

  it('takes what says more before what says less', () => {
    expect(negotiate('*/*, application/yaml', OBJECT_OFFER)).toEqual({ encoding: 'yaml' });
    expect(negotiate('application/*;q=0.9, */*', OBJECT_OFFER)).toEqual({ encoding: 'json' });
  });

  it('has no table in Protobuf', () => {
    const both = 'application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io,application/json';
    expect(negotiate(both, OBJECT_OFFER)).toEqual({ encoding: 'json' });
  });

  it('streams JSON and Protobuf', () => {
    const stream = 'application/vnd.kubernetes.protobuf;stream=watch';
    expect(negotiateWatch(stream, OBJECT_OFFER)).toEqual({ encoding: 'protobuf' });
    expect(negotiate(stream, OBJECT_OFFER)).toEqual({ encoding: 'protobuf' });
    expect(() => negotiateWatch('application/yaml', OBJECT_OFFER)).toThrow(
      'accepted: application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch',
    );
  });
});

it('indents for people', () => {
  const query = (text: string) => new URLSearchParams(text);
  expect(wantsPretty(query(''), 'curl/8.0')).toBe(true);
  expect(wantsPretty(query(''), 'kubectl/v1.32.0')).toBe(false);
  expect(wantsPretty(query('pretty=true'), undefined)).toBe(true);
  expect(wantsPretty(query('pretty=false'), 'curl/8.0')).toBe(false);
  expect(wantsPretty(query('pretty=yes'), 'curl/8.0')).toBe(false);
  expect(wantsPretty(query('pretty='), 'curl/8.0')).toBe(true);
});
