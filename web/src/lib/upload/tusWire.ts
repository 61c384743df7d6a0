import { DetailedError, Upload } from 'tus-js-client';
import { ProblemError } from '../api/problem';
import type { Wire, WireEvents } from './transfer';

export interface TusFile { file: File; metadata: Record<string, string>; uploadUrl: string | null; takeUrl: string | null }

/** The wire of a transfer, over tus. Trying again is the transfer's business, so tus itself never does. */
export function tusWire({ file, metadata, uploadUrl, takeUrl }: TusFile, events: WireEvents): Wire {
  let take = takeUrl;
  const upload = new Upload(file, {
    endpoint: '/api/uploads',
    uploadUrl,
    metadata,
    retryDelays: [],
    storeFingerprintForResuming: false,
    onShouldRetry: () => false,
    onAfterResponse: (_, response) => {
      take = response.getHeader('Twotake-Take') || take;
    },
    onUploadUrlAvailable: () => {
      if (upload.url && take) events.opened(upload.url, take);
    },
    onProgress: (sent) => events.progress(sent),
    onSuccess: () => events.finished(),
    onError: (error) => events.broke(problemOf(error)),
  });
  return {
    send: () => upload.start(),
    rest: () => void upload.abort(),
    give_up: () => upload.abort(true),
  };
}

function problemOf(error: Error | DetailedError): ProblemError {
  const response = 'originalResponse' in error ? error.originalResponse : null;
  if (!response) return ProblemError.offline();
  const wait = Number(response.getHeader('Retry-After') ?? NaN);
  return new ProblemError(response.getStatus(), bodyOf(response.getBody()), Number.isFinite(wait) ? wait : null);
}

function bodyOf(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
