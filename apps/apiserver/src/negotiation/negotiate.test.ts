import { describe, expect, it } from 'vitest';
import { LIST_OFFER, negotiate, OBJECT_OFFER, wantsPretty, WATCH_OFFER } from './negotiate.ts';

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

  it('passes over a transformation that the endpoint does not have', () => {
    const list = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';
    expect(negotiate(list, LIST_OFFER).transform?.kind).toBe('PartialObjectMetadataList');
    expect(negotiate(`${list},application/json`, OBJECT_OFFER)).toEqual({ encoding: 'json' });
    expect(() => negotiate(list, OBJECT_OFFER)).toThrow('only the following media types are accepted');
    expect(() => negotiate('application/json;as=Table;v=v2;g=meta.k8s.io', LIST_OFFER)).toThrow();
  });

  it('has no table in Protobuf', () => {
    const both = 'application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io,application/json';
    expect(negotiate(both, LIST_OFFER)).toEqual({ encoding: 'json' });
  });

  it('knows the stream parameter only on a watch', () => {
    expect(negotiate('application/vnd.kubernetes.protobuf;stream=watch', WATCH_OFFER)).toEqual({
      encoding: 'protobuf',
    });
    expect(() => negotiate('application/json;stream=watch', LIST_OFFER)).toThrow();
    expect(() => negotiate('application/yaml', WATCH_OFFER)).toThrow(
      'application/json, application/json;stream=watch, application/vnd.kubernetes.protobuf, application/vnd.kubernetes.protobuf;stream=watch',
    );
  });
});

it('indents for people', () => {
  const query = (text: string) => new URLSearchParams(text);
  expect(wantsPretty(query(''), 'curl/8.0')).toBe(true);
  expect(wantsPretty(query(''), 'kubectl/v1.32.0')).toBe(false);
  expect(wantsPretty(query('pretty=true'), undefined)).toBe(true);
  expect(wantsPretty(query('pretty=false'), 'curl/8.0')).toBe(false);
});
