import { describe, expect, it } from 'vitest';
import { woken } from './woken';

function world() {
  const worker = new EventTarget();
  const it = { busy: false, went: [] as string[], answered: 0 };
  const end = woken(worker as ServiceWorkerContainer, () => it.busy, (path) => it.went.push(path));
  const ask = (data: unknown) => worker.dispatchEvent(Object.assign(new Event('message'), { data, ports: [{ postMessage: () => (it.answered += 1) }] }));
  return { it, ask, end };
}

describe('a page that is asked by the worker', () => {
  it('goes there and says so', () => {
    const { it, ask } = world();
    ask({ open: '/inbox' });
    expect(it).toMatchObject({ went: ['/inbox'], answered: 1 });
  });

  it('stays when it is busy, when it is asked for another site, and after its end', () => {
    const { it, ask, end } = world();
    for (const odd of [null, {}, { open: 7 }, { open: 'https://evil.example' }, { open: '//evil.example' }]) ask(odd);
    it.busy = true;
    ask({ open: '/inbox' });
    it.busy = false;
    end();
    ask({ open: '/inbox' });
    expect(it).toMatchObject({ went: [], answered: 0 });
  });

  it('does nothing in a browser without workers', () => woken(undefined, () => false, () => {})());
});
