import { api } from '../api/client';
import { ProblemError } from '../api/problem';
import type { Session } from '../api/types';
import { served } from '../api/served';

/** Who is signed in. One for the page; null until the server has said so. */
class SignedIn {
  current = $state<Session | null>(null);

  get me() {
    if (!this.current) throw new Error('a page of members was drawn without a session');
    return this.current.person;
  }

  get organisation() {
    if (!this.current) throw new Error('a page of members was drawn without a session');
    return this.current.organisation;
  }

  get isAdmin(): boolean {
    return this.current?.person.role === 'admin';
  }

  /** The session, asked for once; false when nobody is signed in. */
  async ensure(): Promise<boolean> {
    if (this.current) return true;
    this.current = served()?.session ?? null;
    if (this.current) return true;
    try {
      this.current = await api.get<Session>('/api/session');
      return true;
    } catch (error) {
      if (error instanceof ProblemError && error.status === 401) return false;
      throw error;
    }
  }

  async refresh(): Promise<void> {
    this.current = await api.get<Session>('/api/session');
  }

  async signOut(): Promise<void> {
    await api.remove('/api/session');
    this.current = null;
  }
}

export const signedIn = new SignedIn();

/** Where to go after signing in: only a path of this server. */
export function safeNext(next: string | null): string {
  return next && next.startsWith('/') && !next.startsWith('//') && !next.startsWith('/\\') ? next : '/';
}
