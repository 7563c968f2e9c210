import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';

const SCRIPT = fileURLToPath(new URL('../fixtures/promotion.mjs', import.meta.url));

describe('what a request leaves behind', () => {
  it('is collected with the young: nothing of a request is held until the next full collection', async () => {
    const { NODE_OPTIONS: _options, ...env } = process.env;
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', SCRIPT], { env });
    // What is written lives on, some hundred bytes. A getter in an object literal held all of a request: 5 100.
    expect(Number(stdout)).to.be.lessThan(1500);
  });
});
