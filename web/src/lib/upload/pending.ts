/** Uploads that a reload must not lose: the file itself (up to a size) and where the server keeps what it has. */
export interface Pending { id: string; file: File; title: string; session: string | null; upload: string | null; take: string | null }

const LARGEST = 600_000_000;

function open(): Promise<IDBDatabase> {
  return new Promise((done, fail) => {
    const request = indexedDB.open('twotake', 1);
    request.onupgradeneeded = () => request.result.createObjectStore('uploads', { keyPath: 'id' });
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error ?? new Error('IndexedDB did not open'));
  });
}

async function act<T>(mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const db = await open();
  try {
    return await new Promise<T>((done, fail) => {
      const request = ask(db.transaction('uploads', mode).objectStore('uploads'));
      request.onsuccess = () => done(request.result);
      request.onerror = () => fail(request.error ?? new Error('IndexedDB did not answer'));
    });
  } finally {
    db.close();
  }
}

/** Remembers an upload; a browser that cannot keep it only loses the resumption. */
export async function remember(pending: Pending): Promise<void> {
  if (pending.file.size <= LARGEST) await act('readwrite', (store) => store.put(pending)).catch(() => {});
}

export async function forget(id: string): Promise<void> {
  await act('readwrite', (store) => store.delete(id)).catch(() => {});
}

export async function remembered(): Promise<Pending[]> {
  return act<Pending[]>('readonly', (store) => store.getAll()).catch(() => []);
}
