import { describe, expect, it } from 'vitest';
import type { BatchLine } from '../api/types';
import { counted, linksOf } from './list';

const line = (more: Partial<BatchLine>): BatchLine => ({ line: 2, name: 'Bo', email: 'bo@x.org', state: 'new', errors: [], url: null, expires_at: null, ...more });

describe('a list of people', () => {
  it('comes back as a list of links', () => {
    const text = linksOf([line({ name: 'Berg, "Bo"', url: 'https://x/join?token=a', expires_at: '2026-11-25T10:00:00Z' }), line({ state: 'here' })]);
    expect(text).toBe('name,email,link,until\r\n"Berg, ""Bo""",bo@x.org,https://x/join?token=a,2026-11-25\r\n');
  });

  it('never comes back as a formula', () => {
    expect(linksOf([line({ name: '=1+1', url: 'u' })])).toContain("'=1+1,");
  });

  it('is counted by what becomes of it', () => {
    expect(counted([line({}), line({ state: 'wrong' }), line({})])).toEqual({ new: 2, invited: 0, here: 0, wrong: 1 });
  });
});
