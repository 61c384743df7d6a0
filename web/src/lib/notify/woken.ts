/** The worker (`static/push.js`) asks where a notification that was pressed leads. A page that goes there says so; one that does not
 * answer is left alone, and another is opened. The answer ends it. */
export function woken(worker: Pick<ServiceWorkerContainer, 'addEventListener' | 'removeEventListener'> | undefined, busy: () => boolean, go: (path: string) => void): () => void {
  if (!worker) return () => {};
  const hear = ({ data, ports }: MessageEvent) => {
    const path: unknown = data?.open;
    if (typeof path !== 'string' || !path.startsWith('/') || path.startsWith('//') || busy()) return;
    ports[0]?.postMessage('goes');
    go(path);
  };
  worker.addEventListener('message', hear);
  return () => worker.removeEventListener('message', hear);
}
