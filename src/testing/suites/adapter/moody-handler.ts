import { BaseHandler } from '../../../handlers/base-handler.js';
import { sleep } from './client.js';

/** What the store does wrong; changed while the server runs. */
export interface Mood {
  read: 'works' | 'throws';
  write: 'works' | 'throws';
  /** Milliseconds that a read and a write take. */
  reading: number;
  writing: number;
  reads: number;
}

/** A handler over a map whose store has moods. */
export function moodyHandler(): {
  readonly mood: Mood;
  readonly handler: typeof BaseHandler.prototype.constructor;
} {
  const mood: Mood = { read: 'works', write: 'works', reading: 0, writing: 0, reads: 0 };
  const records = new Map<string, string>();
  class MoodyHandler extends BaseHandler {
    async read(id: string): Promise<string> {
      mood.reads++;
      if (mood.reading > 0) await sleep(mood.reading);
      if (mood.read === 'throws') throw new Error('the disk cannot be read');
      return records.get(id) ?? '';
    }
    async write(id: string, data: string): Promise<void> {
      if (mood.writing > 0) await sleep(mood.writing);
      if (mood.write === 'throws') throw new Error('the disk is full');
      records.set(id, data);
    }
    async destroy(id: string): Promise<void> {
      records.delete(id);
    }
  }
  return { mood, handler: MoodyHandler };
}
