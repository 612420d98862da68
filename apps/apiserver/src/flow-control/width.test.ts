import { describe, expect, it } from 'vitest';
import { parseRequestInfo } from '../request-info.ts';
import { listWidth, maxSeats, ONE_SEAT, writeWidth } from './width.ts';

const seatsOf = (query: string, count: number, averageBytes: number, most = 100): number => {
  const parameters = new URLSearchParams(query);
  const info = parseRequestInfo('GET', '/api/v1/pods', ['api', 'v1', 'pods'], parameters);
  return listWidth(info, parameters, { count, averageBytes }, most).initialSeats;
};

describe('a list takes a seat for each 100 kB', () => {
  it.each<[string, string, number, number]>([
    ['nothing there', '', 0, 1],
    ['a few', '', 10, 1],
    ['three hundred of 1 kB', '', 300, 3],
    ['a page of them', 'limit=100', 300, 1],
    ['many, sent as they are read', '', 1_000_000, 10],
    ['many as of the past', 'resourceVersion=5&resourceVersionMatch=Exact', 1_000_000, 100],
    ['one of many by its name', 'fieldSelector=metadata.name=a', 1_000_000, 1],
    ['a filtered page of the past', 'limit=10&labelSelector=a&continue=x', 1_000, 5],
  ])('%s', (_what, query, count, seats) => {
    expect(seatsOf(query, count, 1_000)).toBe(seats);
  });

  it('but never more than its level allows', () => {
    expect(seatsOf('', 1_000_000, 1_000, 4)).toBe(4);
  });
});

it('a write keeps seats for its watchers, for longer when it may have fewer', () => {
  expect(writeWidth(9, 10)).toBe(ONE_SEAT);
  expect(writeWidth(95, 10)).toEqual({ initialSeats: 1, finalSeats: 10, additionalMs: 5 });
  expect(writeWidth(95, 2)).toEqual({ initialSeats: 1, finalSeats: 2, additionalMs: 25 });
});

it('the most seats are a part of what the level has', () => {
  expect(maxSeats(245, 6)).toBe(36);
  expect(maxSeats(20, 6)).toBe(3);
  expect(maxSeats(3, 0)).toBe(1);
});
