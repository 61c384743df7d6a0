import { describe, expect, it } from 'vitest';
import { encode, type SenderSnapshot, SliceSender } from './sender';

/** A tus server in a few lines, with a network that the test can break. */
function server() {
  const it = {
    bytes: '', length: null as number | null, exists: false, deleted: false, requests: [] as string[],
    /** What happens to the next request: nothing, lost before the server, lost after it, or refused. */
    next: [] as ('lost' | 'lost after' | { status: number; body: unknown })[],
    waits: [] as { ms: number; act: () => void }[],
    seen: [] as SenderSnapshot[],
  };
  const fetcher = async (url: string, init: RequestInit): Promise<Response> => {
    const fault = it.next.shift();
    it.requests.push(`${init.method}`);
    if (fault === 'lost') throw new TypeError('failed to fetch');
    if (typeof fault === 'object') return new Response(JSON.stringify(fault.body), { status: fault.status });
    const response = await answer(url, init);
    if (fault === 'lost after') throw new TypeError('failed to fetch');
    return response;
  };
  const answer = async (_: string, init: RequestInit): Promise<Response> => {
    const headers = init.headers as Record<string, string>;
    if (init.method === 'POST') {
      it.exists = true;
      return new Response(null, { status: 201, headers: { location: '/api/uploads/u', 'twotake-take': '/api/takes/t' } });
    }
    if (init.method === 'DELETE') { it.deleted = true; return new Response(null, { status: 204 }); }
    if (init.method === 'PATCH') {
      if (Number(headers['Upload-Offset']) !== it.bytes.length) return new Response('{"code":"offset_mismatch"}', { status: 409 });
      if (headers['Upload-Length']) it.length = Number(headers['Upload-Length']);
      it.bytes += await (init.body as Blob).text();
    }
    const length: Record<string, string> = it.length === null ? {} : { 'upload-length': String(it.length) };
    return new Response(null, { status: init.method === 'HEAD' ? 200 : 204, headers: { 'upload-offset': String(it.bytes.length), ...length } });
  };
  const sender = new SliceSender({ filename: 'take.webm' }, {
    fetch: fetcher as unknown as typeof fetch,
    after(ms, act) {
      const entry = { ms, act };
      it.waits.push(entry);
      return () => it.waits.splice(it.waits.indexOf(entry), 1);
    },
  }, (snapshot) => it.seen.push(snapshot));
  const settle = async () => { for (let i = 0; i < 60; i += 1) await new Promise((done) => setImmediate(done)); };
  const ring = async () => { it.waits.splice(0).forEach((entry) => entry.act()); await settle(); };
  return { it, sender, settle, ring };
}

describe('sending while recording', () => {
  it('sends each slice as it comes and declares the length with the last', async () => {
    const { it: s, sender, settle } = server();
    for (const slice of ['one-', 'two-']) { sender.add(new Blob([slice])); await settle(); }
    expect(s.bytes).toBe('one-two-');
    expect(s.length).toBeNull();
    sender.add(new Blob(['three']));
    sender.close();
    await settle();
    expect([s.bytes, s.length]).toEqual(['one-two-three', 13]);
    expect(sender.snapshot()).toMatchObject({ state: 'done', sent: 13, takeUrl: '/api/takes/t' });
  });

  it('declares the length with an empty request when everything was sent before Stop', async () => {
    const { it: s, sender, settle } = server();
    sender.add(new Blob(['all']));
    await settle();
    sender.close();
    await settle();
    expect([s.length, sender.snapshot().state]).toEqual([3, 'done']);
  });

  it('keeps buffering while the network is away and goes on where the server stands', async () => {
    const { it: s, sender, settle, ring } = server();
    sender.add(new Blob(['one-']));
    await settle();
    s.next = ['lost', 'lost'];
    sender.add(new Blob(['two-']));
    await settle();
    expect(sender.snapshot()).toMatchObject({ state: 'waiting', sent: 4 });
    sender.add(new Blob(['three-']));
    sender.add(new Blob(['four']));
    await ring();
    sender.close();
    await ring();
    expect([s.bytes, s.length]).toEqual(['one-two-three-four', 18]);
    expect(sender.snapshot().state).toBe('done');
  });

  it('sends nothing twice when only the answer was lost', async () => {
    const { it: s, sender, settle, ring } = server();
    sender.add(new Blob(['one-']));
    await settle();
    s.next = ['lost after'];
    sender.add(new Blob(['two']));
    sender.close();
    await settle();
    await ring();
    expect([s.bytes, sender.snapshot().state]).toEqual(['one-two', 'done']);
  });

  it('waits longer after every break', async () => {
    const { it: s, sender, settle, ring } = server();
    s.next = ['lost', 'lost', 'lost'];
    sender.add(new Blob(['x']));
    await settle();
    const waits = [];
    for (let i = 0; i < 3; i += 1) { waits.push(s.waits[0]?.ms); await ring(); }
    expect(waits).toEqual([500, 1000, 2000]);
    expect(s.bytes).toBe('x');
  });

  it('stops at a refusal and keeps what the server said', async () => {
    const { it: s, sender, settle } = server();
    s.next = [{ status: 409, body: { code: 'takes_used_up', takes: [{}, {}] } }];
    sender.add(new Blob(['x']));
    await settle();
    expect(sender.snapshot()).toMatchObject({ state: 'refused', problem: { code: 'takes_used_up' } });
    expect(s.requests).toEqual(['POST']);
  });

  it('gives up for good when it is abandoned', async () => {
    const { it: s, sender, settle } = server();
    sender.add(new Blob(['x']));
    await settle();
    await sender.abandon();
    sender.add(new Blob(['y']));
    await settle();
    expect([s.deleted, s.bytes, sender.snapshot().state]).toEqual([true, 'x', 'abandoned']);
  });

  it('encodes metadata as tus wants it', () => {
    expect(encode({ filename: 'Tromsø.webm', a: '' })).toBe('filename VHJvbXPDuC53ZWJt,a ');
  });
});
