import { describe, expect, it } from 'vitest';
import { safeNext } from './session.svelte';

describe('the way back after signing in', () => {
  it('is a path of this server, or home', () => {
    expect(['/w/k7Qm2xD9?t=68', '//evil.example', '/\\evil.example', 'https://evil.example', null, ''].map(safeNext))
      .toEqual(['/w/k7Qm2xD9?t=68', '/', '/', '/', '/', '/']);
  });
});
