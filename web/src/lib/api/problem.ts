/** What went wrong, as the server says it (RFC 9457), or as we say it when no answer came at all. */
export class ProblemError extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  /** For `invalid`: a sentence for each field that needs another value. */
  readonly fields: Readonly<Record<string, string>>;
  /** Seconds to wait before trying again, when the server named them. */
  readonly retryAfter: number | null;
  /** The whole document: some codes carry more (`takes`, `current`, `measured_ms`). */
  readonly body: Readonly<Record<string, unknown>>;

  constructor(status: number, body: Record<string, unknown>, retryAfter: number | null = null) {
    const title = typeof body.title === 'string' ? body.title : `The server answered ${status}`;
    super(typeof body.detail === 'string' && body.detail ? body.detail : title);
    this.name = 'ProblemError';
    this.status = status;
    this.code = typeof body.code === 'string' ? body.code : `http_${status}`;
    this.title = title;
    this.fields = isWords(body.fields) ? body.fields : {};
    this.retryAfter = retryAfter;
    this.body = body;
  }

  /** No answer: the network or the server is away. */
  static offline(): ProblemError {
    return new ProblemError(0, {
      code: 'offline',
      title: 'The server cannot be reached',
      detail: 'The server cannot be reached. What you typed is kept; try again in a moment.',
    });
  }

  /** Reads the problem out of an answer that was not a success. */
  static async from(response: Response): Promise<ProblemError> {
    const text = await response.text().catch(() => '');
    return new ProblemError(response.status, parse(text), seconds(response.headers.get('retry-after')));
  }
}

function isWords(value: unknown): value is Record<string, string> {
  return typeof value === 'object' && value !== null && Object.values(value).every((word) => typeof word === 'string');
}

function parse(text: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function seconds(header: string | null): number | null {
  const value = header === null ? NaN : Number(header);
  return Number.isFinite(value) && value >= 0 ? value : null;
}

/** A sentence for a person, whatever was thrown. */
export function sentence(error: unknown): string {
  if (error instanceof ProblemError) {
    if (error.code === 'too_many_requests' && error.retryAfter) {
      return `Too many attempts. Try again in ${error.retryAfter < 90 ? `${error.retryAfter} s` : `${Math.ceil(error.retryAfter / 60)} minutes`}.`;
    }
    // The server names the fields as programs do; the sentences alone are for people.
    if (error.code === 'invalid' && Object.keys(error.fields).length > 0) return Object.values(error.fields).join(' ');
    return error.message.endsWith('.') ? error.message : `${error.message}.`;
  }
  return 'Something went wrong in this page. Reload it; nothing that was saved is lost.';
}
