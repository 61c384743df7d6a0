import { ProblemError } from './problem';
import type { Page } from './types';

/** The JSON API of the server that served this page. One place for headers, problems and the way to sign-in. */
export class Client {
  /** Called when the session has ended in the middle of things. */
  onSignedOut: () => void = () => {};

  constructor(private readonly fetcher: typeof fetch = (input, init) => fetch(input, init)) {}

  get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
    return this.send<T>('GET', withQuery(path, query), undefined, signal);
  }

  /** A whole list, page after page, up to two thousand rows. */
  async all<T>(path: string, query: Query = {}): Promise<T[]> {
    const items: T[] = [];
    for (let after: string | null = null, turn = 0; turn < 20; turn += 1) {
      const page: Page<T> = await this.get<Page<T>>(path, { ...query, limit: 100, after });
      items.push(...page.items);
      after = page.next;
      if (!after) break;
    }
    return items;
  }

  /** A text rather than JSON. */
  text(path: string): Promise<string> {
    return this.send('GET', path, undefined, undefined, (response) => response.text());
  }

  post<T = void>(path: string, body?: unknown): Promise<T> {
    return this.send<T>('POST', path, body);
  }

  put<T = void>(path: string, body?: unknown): Promise<T> {
    return this.send<T>('PUT', path, body);
  }

  patch<T>(path: string, body: unknown): Promise<T> {
    return this.send<T>('PATCH', path, body);
  }

  remove<T = void>(path: string): Promise<T> {
    return this.send<T>('DELETE', path);
  }

  private async send<T>(method: string, path: string, body?: unknown, signal?: AbortSignal, of: (response: Response) => Promise<T> = read): Promise<T> {
    const headers: Record<string, string> = { accept: 'application/json' };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const init: RequestInit = { method, headers, credentials: 'same-origin' };
    if (body !== undefined) init.body = JSON.stringify(body);
    if (signal) init.signal = signal;
    const response = await this.fetcher(path, init).catch(() => {
      throw ProblemError.offline();
    });
    if (response.ok) return of(response);
    const problem = await ProblemError.from(response);
    if (problem.code === 'unauthenticated') this.onSignedOut();
    throw problem;
  }
}

type Query = Record<string, string | number | boolean | null | undefined>;

/** A path with the values that are set; an empty one is left out. */
export function withQuery(path: string, query: Query): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== '');
  const text = new URLSearchParams(pairs.map(([key, value]) => [key, String(value)])).toString();
  return text ? `${path}?${text}` : path;
}

async function read<T>(response: Response): Promise<T> {
  const text = response.status === 204 ? '' : await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

export const api = new Client();
