import { rm } from 'node:fs/promises';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { NodeSide, Visitor } from '../fixtures/interop-sides.ts';
import { PhpServer } from '../fixtures/php-server.ts';
import { temporaryFolder } from '../fixtures/processes.ts';

describe('ids of PHP, six bits a character', () => {
  it('may have commas, which PHP encodes in its cookie', async () => {
    const savePath = await temporaryFolder();
    const ini = { 'session.sid_length': '200', 'session.sid_bits_per_character': '6' };
    const php = await PhpServer.start({
      peer: 'php',
      store: 'files',
      savePath,
      cookieName: 'PHPSESSID',
      workers: 1,
      ini,
    });
    const node = await NodeSide.start({
      session: { handler: 'file', savePath, interop: { peer: 'php' }, cookie_name: 'PHPSESSID' },
    });
    try {
      let visitor: Visitor;
      do {
        visitor = new Visitor('PHPSESSID');
        await visitor.ask(php, 'put', {}, { body: { n: 1 } });
      } while (!visitor.id?.includes('%2C'));
      expect(await visitor.ask(node, 'increment', { key: 'n' })).to.equal(2);
      expect(await visitor.ask(php, 'increment', { key: 'n' })).to.equal(3);
    } finally {
      await Promise.all([node.stop(), php.stop()]);
      await rm(savePath, { recursive: true, force: true });
    }
  });
});
