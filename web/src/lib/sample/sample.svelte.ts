import { api } from '../api/client';
import { sentence } from '../api/problem';
import type { Sample } from '../api/types';

/** How often is looked while something is being done. */
const LOOK = 700;

/** The sample company as it stands, looked at again and again while it is being filled or removed. */
export class SampleWatch {
  value = $state<Sample | null>(null);
  failure = $state<string | null>(null);
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly client: Pick<typeof api, 'get' | 'post' | 'remove'> = api) {}

  look = async (): Promise<void> => {
    await this.ask(() => this.client.get<Sample>('/api/sample'));
  };

  fill = async (): Promise<void> => {
    await this.ask(() => this.client.post<Sample>('/api/sample'));
  };

  remove = async (): Promise<void> => {
    await this.ask(() => this.client.remove<Sample>('/api/sample'));
  };

  stop = (): void => clearTimeout(this.timer);

  private async ask(question: () => Promise<Sample>): Promise<void> {
    this.stop();
    try {
      this.value = await question();
      this.failure = null;
    } catch (error) {
      this.failure = sentence(error);
    }
    // A look that failed is repeated too: the work goes on without whoever looks.
    if (this.value && isBusy(this.value)) this.timer = setTimeout(this.look, LOOK);
  }
}

export function isBusy(sample: Pick<Sample, 'state'>): boolean {
  return sample.state === 'filling' || sample.state === 'preparing' || sample.state === 'removing';
}

/** How far all of it has come: eight weeks are lived first, then the videos are prepared. */
export function part(sample: Pick<Sample, 'state' | 'progress'>): number {
  if (sample.state === 'filling') return sample.progress * 0.7;
  if (sample.state === 'preparing') return 0.7 + sample.progress * 0.3;
  return sample.state === 'ready' ? 1 : sample.progress;
}

export function doing(sample: Pick<Sample, 'state'>): string {
  if (sample.state === 'filling') return 'Forty people live through eight weeks';
  if (sample.state === 'preparing') return 'Their videos are being prepared';
  return sample.state === 'removing' ? 'The sample company is going' : '';
}
