import { describe, expect, it } from 'vitest';
import { ahead, fieldOf, instantOf, there } from './moment';

describe('a moment in a field', () => {
  it('goes there and back', () => {
    const iso = new Date(2026, 10, 25, 9, 5).toISOString();
    expect(fieldOf(iso)).toBe('2026-11-25T09:05');
    expect(instantOf(fieldOf(iso))).toBe(iso);
    expect([fieldOf(null), instantOf('')]).toEqual(['', null]);
    expect(ahead(2, 16, new Date(2026, 11, 31, 23))).toBe('2027-01-02T16:00');
  });

  it('is told in the zone it was meant in', () => {
    expect(there('2026-11-23T08:00:00Z', 'Europe/Berlin')).toMatch(/^Monday,? 23 November,? 09:00 \(Europe\/Berlin\)$/);
  });
});
