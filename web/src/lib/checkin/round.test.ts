import { describe, expect, it } from 'vitest';
import type { Round } from '../api/types';
import { addressOf, asked, goesOn, summary } from './round';

const items = ['a', 'b', 'c'].map((id) => ({ id })) as Round['items'];
const place = (check_in: string, at_ms: number, finished = false): Round['place'] => ({ check_in, at_ms, finished, updated_at: '' });

describe('a round', () => {
  it('says how much it asks for', () => {
    expect(summary({ items: Array(6).fill({}) as Round['items'], total_ms: 660_000 })).toBe('six updates, 11 minutes');
    expect(summary({ items: Array(1).fill({}) as Round['items'], total_ms: 20_000 })).toBe('one update, 1 minute');
    expect(summary({ items: Array(2).fill({}) as Round['items'], total_ms: 0 })).toBe('two updates');
    expect(summary({ items: Array(23).fill({}) as Round['items'], total_ms: 0 })).toBe('23 updates');
    expect(summary({ items: [], total_ms: 0 })).toBe('no updates');
  });

  it('goes on where it was left', () => {
    expect(goesOn({ items, place: null })).toEqual({ at: 0, seconds: 0, begun: false });
    expect(goesOn({ items, place: place('b', 72_500) })).toEqual({ at: 1, seconds: 72.5, begun: true });
    expect(goesOn({ items, place: place('a', 0) })).toEqual({ at: 0, seconds: 0, begun: false });
  });

  it('begins anew when it was finished, and goes on with what has come since', () => {
    expect(goesOn({ items, place: place('c', 1000, true) })).toEqual({ at: 0, seconds: 0, begun: false });
    expect(goesOn({ items, place: place('b', 1000, true) })).toEqual({ at: 2, seconds: 0, begun: true });
    expect(goesOn({ items, place: place('gone', 1000) }).at).toBe(0);
  });

  it('stands in an address', () => {
    expect(asked(new URLSearchParams('manager=m&date=2026-11-24'))).toEqual({ unit: null, manager: 'm', date: '2026-11-24' });
    expect(addressOf({ kind: 'manager', id: 'm', name: '' }, '2026-11-24', null)).toBe('/check-ins/round?manager=m&date=2026-11-24');
    expect(addressOf({ kind: 'unit', id: 'u', name: '' }, null, 'c')).toBe('/check-ins/round?unit=u');
    expect(addressOf({ kind: 'company', id: 'o', name: '' }, null, 'c')).toBe('/check-ins/round?unit=c');
  });
});
