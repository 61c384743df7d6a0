import { describe, expect, it } from 'vitest';
import { any, changed, of, when } from './changes';
import { merged } from './merged';

describe('what has changed', () => {
  it('is heard by those who look at it, once, until they look away', () => {
    const heard: string[] = [];
    const stops = [when(of('p1'), () => heard.push('one')), when(of('p1', 'comments'), () => heard.push('comments')), when(any('post', 'goal'), () => heard.push('any'))];
    changed([{ kind: 'post', id: 'p1' }, { kind: 'goal', id: 'g1' }]);
    expect(heard.splice(0)).toEqual(['one', 'any']);
    changed([{ kind: 'comments', id: 'p1' }]);
    expect(heard.splice(0)).toEqual(['one', 'comments']);
    changed([{ kind: 'all', id: '' }]);
    expect(heard.splice(0)).toEqual(['one', 'comments', 'any']);
    stops.forEach((stop) => stop());
    changed([{ kind: 'all', id: '' }]);
    expect(heard).toEqual([]);
  });
});

describe('a list of which the first page was read anew', () => {
  const page = (ids: string, next: string | null) => ({ items: [...ids].map((id) => ({ id })), next });
  const ids = (list: { items: { id: string }[] }) => list.items.map((one) => one.id).join('');

  it('has what is new in front, loses what is gone, and keeps what was read behind it', () => {
    expect(merged(page('cba', 'n1'), page('dca', 'n0'))).toEqual(page('dca', 'n0'));
    const longer = merged(page('fedcba', 'n2'), page('gfd', 'n1'));
    expect([ids(longer), longer.next]).toEqual(['gfdcba', 'n2']);
  });

  it('begins anew when it does not join on, or has become short', () => {
    expect(merged(page('fedcba', 'n2'), page('xyz', 'n1'))).toEqual(page('xyz', 'n1'));
    expect(merged(page('fedcba', 'n2'), page('f', null))).toEqual(page('f', null));
    expect(merged(null, page('ab', null))).toEqual(page('ab', null));
  });
});
