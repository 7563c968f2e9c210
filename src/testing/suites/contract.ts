import { equal, notEqual, ok } from 'node:assert/strict';
import type { SuiteRunner } from '../suite.js';
import { type Bench, freshId, type HandlerUnderTest, prepare, reading, writing } from './bench.js';

const TEXTS: Readonly<Record<string, string>> = {
  'plain text': '{"a":1}',
  'accents, emoji and quotes': 'élève « œuvre » 🎉 "\'\\ \r\n\t',
  'a NUL and control characters': 'a\u0000b\u0001\u001f\u007f',
  'many lines': 'ligne\n'.repeat(5000),
  '300 000 characters': 'é'.repeat(300_000),
};

/** What a handler stores and gives back. */
export function contractSuite(runner: SuiteRunner, subject: HandlerUnderTest): void {
  const { describe, it, before, after } = runner;
  describe(`${subject.name} handler: contract`, () => {
    let bench: Bench;
    before(async () => {
      bench = await prepare(subject);
    });
    after(() => bench.app.close());

    it('answers an empty string for an id that is not there, and creates nothing', async () => {
      const id = freshId();
      equal(await reading(bench, id), '');
      equal(await reading(bench, id), '');
    });

    for (const [title, text] of Object.entries(TEXTS)) {
      it(`gives back exactly what was written: ${title}`, async () => {
        const id = freshId();
        await writing(bench, id, 'before');
        await writing(bench, id, text);
        equal(await reading(bench, id), text);
      });
    }

    it('keeps records apart', async () => {
      const [a, b] = [freshId(), freshId()];
      await writing(bench, a, 'A');
      await writing(bench, b, 'B');
      equal(await reading(bench, a), 'A');
      equal(await reading(bench, b), 'B');
    });

    it('destroys, also what is not there', async () => {
      const id = freshId();
      await writing(bench, id, 'data');
      const destroyer = await bench.opened();
      await destroyer.read(id);
      notEqual(await destroyer.destroy(id), false);
      await destroyer.close();
      equal(await reading(bench, id), '');
      const again = await bench.opened();
      notEqual(await again.destroy(id), false);
      await again.close();
    });

    it('collects what is old and leaves what is young', async () => {
      const [old, young] = [freshId(), freshId()];
      await writing(bench, old, 'old');
      bench.clock.advance(100);
      await writing(bench, young, 'young');
      const collector = await bench.opened();
      const removed = await collector.gc(50);
      await collector.close();
      // A handler whose store forgets by itself may have nothing to collect.
      ok(typeof removed === 'number' || removed === true || removed === undefined);
      equal(await reading(bench, young), 'young');
      if (typeof removed === 'number' && removed > 0) equal(await reading(bench, old), '');
    });

    it('can be closed without anything having been read', async () => {
      const idle = await bench.opened();
      notEqual(await idle.close(), false);
    });
  });
}
