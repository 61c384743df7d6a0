import { describe, expect, it } from 'vitest';
import { bytes, clock, due, happened, isoWeek, left, minutes, spoken } from './time';

const now = new Date(2026, 10, 12, 11, 0);
const iso = (day: number, hour: number, minute = 0) => new Date(2026, 10, day, hour, minute).toISOString();

describe('times', () => {
  it('writes a length as minutes and seconds', () => {
    expect([clock(161_200), clock(999), clock(180_000), clock(-5)]).toEqual(['2:41', '0:00', '3:00', '0:00']);
    expect([spoken(112_000), spoken(60_000), spoken(0)]).toEqual(['1 minute 52 seconds', '1 minute', '0 seconds']);
    expect([minutes(20_000), minutes(11 * 60_000)]).toEqual(['1 minute', '11 minutes']);
  });

  it('says when something happened, the nearer the shorter', () => {
    expect([happened(iso(12, 8, 12), now), happened(iso(10, 9, 40), now), happened(iso(1, 9), now)])
      .toEqual(['08:12', 'Tue 09:40', '1 Nov 2026']);
  });

  it('says when something is due', () => {
    expect([due(iso(12, 16), now), due(iso(13, 9), now), due(iso(17, 16), now), due(iso(30, 16), now)])
      .toEqual(['today, 16:00', 'tomorrow, 09:00', 'Tuesday, 16:00', '30 November']);
    expect([left(iso(12, 16), now), left(iso(12, 11, 40), now), left(iso(12, 10), now), left(iso(16, 11), now)])
      .toEqual(['5h', '40m', 'late', '4d']);
  });

  it('knows ISO weeks at the turn of a year', () => {
    expect([isoWeek(now), isoWeek(new Date(2027, 0, 1)), isoWeek(new Date(2026, 0, 1))]).toEqual([46, 53, 1]);
  });

  it('writes sizes', () => {
    expect([bytes(512), bytes(38_400_000), bytes(2_500_000), bytes(2_000_000_000)]).toEqual(['512 B', '38 MB', '2.5 MB', '2.00 GB']);
  });
});
