import { expect } from 'chai';
import { Code } from '../fixtures/docs/code.ts';
import { changed, type Documentation, documentation, pageNamed } from '../fixtures/docs.ts';

describe('the documentation: code', () => {
  let code: Code;

  before(async () => {
    code = await Code.write(documentation);
  });

  after(() => code.remove());

  it('compiles against the built package', async () => {
    expect(code.blocks.length).to.be.above(150);
    expect(await code.compilerFaults()).to.deep.equal([]);
  });

  it('prints what the page says', async () => {
    expect(code.printing.length).to.be.above(30);
    expect(await code.runFaults(code.printing)).to.deep.equal([]);
  });

  it('loads where it stands alone: configuration is valid, servers answer', async () => {
    expect(code.whole.length).to.be.above(60);
    expect(await code.runFaults(code.whole)).to.deep.equal([]);
  });

  /** The faults of a page's code in which something is broken. */
  async function broken(
    [page, from, to]: readonly [page: string, from: string, to: string],
    find: (code: Code) => Promise<readonly string[]>,
  ): Promise<string> {
    const alone: Documentation = { guide: [pageNamed(page)], front: [] };
    const copy = await Code.write(changed(alone, page, from, to));
    try {
      return (await find(copy)).join('\n');
    } finally {
      await copy.remove();
    }
  }

  it('a call that does not exist is seen', async () => {
    const faults = await broken(['koa.md', 'startSession(app', 'startSessions(app'], (copy) =>
      copy.compilerFaults(),
    );
    expect(faults).to.match(/^koa-\d+\/code\.ts.*error TS\d+.*startSessions/m);
  });

  it('an output that is another one, an option that is refused, a server that fails are seen', async () => {
    const run = (copy: Code) => copy.runFaults([...copy.printing, ...copy.whole]);
    const output = await broken(['formats-php.md', 'console.log(', 'console.log(0), console.log('], run);
    expect(output).to.match(/^FAULT formats-php\.md:\d+: it prints "0\\n/m);
    const option = await broken(['redis.md', "handler: 'redis'", "handler: 'redis', grace: -1"], run);
    expect(option).to.match(/^FAULT redis\.md:\d+: .*grace/m);
    const server = await broken(
      ['koa.md', 'server.use(', 'server.use(() => { throw 1; });\nserver.use('],
      run,
    );
    expect(server).to.match(/^FAULT koa\.md:\d+: its server answers 500/m);
  });
});
