import { api } from '../api/client';
import { of, when } from '../ui/changes';

/** What somebody was told of a thing is read when they open it, and while they look at it. The answer ends it. */
export function opened(id: string): () => void {
  const read = () => void api.post('/api/me/inbox/read-about', { subject: id }).catch(() => {});
  read();
  return when(of(id), read);
}
