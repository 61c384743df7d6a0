import { describe, expect, it } from 'vitest';
import { Client, withQuery } from './client';
import { ProblemError, sentence } from './problem';

/** A server that answers everything with one answer and remembers what it was asked. */
function answering(status: number, body: unknown, headers: Record<string, string> = {}) {
  const asked: { url: string; init: RequestInit }[] = [];
  const fetcher = (async (url: string, init: RequestInit) => {
    asked.push({ url, init });
    return new Response(status === 204 ? null : JSON.stringify(body), { status, headers });
  }) as unknown as typeof fetch;
  return { asked, client: new Client(fetcher) };
}

async function problemOf(promise: Promise<unknown>): Promise<ProblemError> {
  const error = await promise.then(() => null, (thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ProblemError);
  return error as ProblemError;
}

describe('the API client', () => {
  it('sends JSON and reads JSON', async () => {
    const { client, asked } = answering(201, { id: 'a' });
    expect(await client.post('/api/goals', { title: 'One' })).toEqual({ id: 'a' });
    expect(asked[0]?.init).toMatchObject({ method: 'POST', body: '{"title":"One"}', credentials: 'same-origin' });
  });

  it('reads an empty answer as nothing', async () => {
    expect(await answering(204, null).client.remove('/api/session')).toBeUndefined();
  });

  it('turns a problem document into a typed error with its fields', async () => {
    const { client } = answering(422, { code: 'invalid', title: 'Some fields need another value', detail: '', fields: { title: 'Say what it is.' } });
    const problem = await problemOf(client.post('/api/goals', {}));
    expect(problem).toMatchObject({ status: 422, code: 'invalid', fields: { title: 'Say what it is.' } });
  });

  it('keeps the rest of the document, such as the two takes', async () => {
    const { client } = answering(409, { code: 'takes_used_up', takes: [{ id: '1' }, { id: '2' }] });
    expect((await problemOf(client.post('/api/take-sessions'))).body.takes).toHaveLength(2);
  });

  it('says so when the session has ended, but not for a wrong password', async () => {
    let ended = 0;
    const gone = answering(401, { code: 'unauthenticated' }).client;
    gone.onSignedOut = () => (ended += 1);
    await problemOf(gone.get('/api/home'));
    const wrong = answering(401, { code: 'wrong_credentials' }).client;
    wrong.onSignedOut = () => (ended += 1);
    await problemOf(wrong.post('/api/session', {}));
    expect(ended).toBe(1);
  });

  it('reads how long to wait', async () => {
    const { client } = answering(429, { code: 'too_many_requests' }, { 'retry-after': '30' });
    const problem = await problemOf(client.post('/api/session', {}));
    expect(problem.retryAfter).toBe(30);
    expect(sentence(problem)).toBe('Too many attempts. Try again in 30 s.');
  });

  it('says that the server is away when there is no answer', async () => {
    const client = new Client((() => Promise.reject(new TypeError('fetch failed'))) as unknown as typeof fetch);
    expect((await problemOf(client.get('/api/home'))).code).toBe('offline');
  });

  it('survives an answer that is not JSON', async () => {
    const client = new Client((async () => new Response('<html>', { status: 502 })) as unknown as typeof fetch);
    expect(await problemOf(client.get('/api/home'))).toMatchObject({ status: 502, code: 'http_502' });
  });

  it('reads a list to its end', async () => {
    const pages = [{ items: [1, 2], next: 'b' }, { items: [3], next: null }];
    const asked: string[] = [];
    const client = new Client((async (url: string) => {
      asked.push(url);
      return new Response(JSON.stringify(pages.shift()), { status: 200 });
    }) as unknown as typeof fetch);
    expect(await client.all<number>('/api/people')).toEqual([1, 2, 3]);
    expect(asked).toEqual(['/api/people?limit=100', '/api/people?limit=100&after=b']);
  });

  it('leaves empty values out of a query', () => {
    expect(withQuery('/api/goals', { owner: 'me', after: null, q: '' })).toBe('/api/goals?owner=me');
    expect(withQuery('/api/goals', {})).toBe('/api/goals');
  });
});
