import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { NodeSide } from '../fixtures/php/node-side.ts';
import { PhpSide } from '../fixtures/php/php-side.ts';
import { asMeant } from '../fixtures/php/play.ts';
import {
  FAILURES,
  LATE_FAILURES,
  NATIVE_ROWS,
  PROTOTYPES,
  type Prototype,
  ROWS,
  type Scenario,
} from '../fixtures/php/scenarios.ts';

describe('blitz-session/php beside real PHP', () => {
  let folder: string;
  let real: PhpSide;
  let ours: NodeSide;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'blitz-php-'));
    real = await PhpSide.start(folder);
    ours = await NodeSide.start();
  });

  after(async () => {
    real?.stop();
    await ours?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('is a PHP whose sessions are those that were measured', async () => {
    expect(await real.version()).to.match(/^PHP\/8\./);
  });

  for (const prototype of PROTOTYPES) {
    describe(typeof prototype === 'number' ? `${prototype} callbacks` : `an object, ${prototype}`, () => {
      for (const scenario of [...ROWS, ...FAILURES, ...LATE_FAILURES]) {
        it(scenario.title, async () => {
          const expected = asMeant(scenario, await real.play(scenario, prototype));
          expect(await ours.play(scenario, prototype)).to.deep.equal(expected);
        });
      }
    });
  }

  describe('a class that extends SessionHandler', () => {
    for (const scenario of NATIVE_ROWS) {
      it(scenario.title, async () => {
        // PHP's own handler needs a folder, and forgets nothing between two scenarios.
        const own = await mkdtemp(join(folder, 'native-'));
        const inOwn: Scenario = { ...scenario, ini: { 'session.save_path': own, ...scenario.ini } };
        const expected = asMeant(inOwn, await real.play(inOwn, 'native'));
        expect(await ours.play(inOwn, 'native')).to.deep.equal(expected);
      });
    }
  });

  it('the first rows, spelled out', async () => {
    const traceOf = async (title: string, prototype: Prototype) => {
      const scenario = ROWS.find((each) => each.title === title) as Scenario;
      return (await ours.play(scenario, prototype)).trace.map(([name]) => name).join(' ');
    };
    for (const basic of ['basic', 6] as const) {
      expect(await traceOf('a new visitor', basic)).to.equal('open read write close');
      expect(await traceOf('a known id, unchanged', basic)).to.equal('open read write close');
      expect(await traceOf('reset', basic)).to.equal('open read open read write close');
    }
    for (const full of ['full', 9] as const) {
      expect(await traceOf('a new visitor', full)).to.equal('open create_sid read write close');
      expect(await traceOf('strict mode, known id', full)).to.equal(
        'open validateId read updateTimestamp close',
      );
      expect(await traceOf('strict mode, unknown id', full)).to.equal(
        'open validateId create_sid read write close',
      );
      expect(await traceOf('regenerate_id(false), strict mode', full)).to.equal(
        'open validateId read write close open create_sid validateId read write close',
      );
    }
  });
});
