import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { phpSerializer } from 'blitz-session';
import { expect } from 'chai';
import { HANDLERS, type Handler, randomOf, randomPayload } from '../fixtures/php/payloads.ts';
import { viewOf } from '../fixtures/php/view.ts';
import { serverProgram } from '../fixtures/servers/programs.ts';

const SCRIPT = fileURLToPath(new URL('../fixtures/php/sessions.php', import.meta.url));
const PAYLOADS = 21_000;
const SEED = Number(process.env['PHP_FUZZ_SEED'] ?? Date.now() % 1_000_000_000);

interface Question {
  readonly handler: Handler;
  readonly payload: string;
}

interface Answer {
  readonly ok: boolean;
  /** What PHP writes, in base64. */
  readonly text?: string;
  readonly view?: string;
  /** The type of a session that is no array. */
  readonly root?: string;
  /** `class`: refused for a class that it knows, or does not; `lossy`: it loses the data of an unknown one. */
  readonly trouble: '' | 'class' | 'lossy';
}

/** PHP's answers; undefined for a payload at which PHP itself dies. */
async function ask(questions: readonly Question[]): Promise<(Answer | undefined)[]> {
  const program = await serverProgram('php');
  const answers: (Answer | undefined)[] = [];
  while (answers.length < questions.length) {
    answers.push(...(await run(program, questions.slice(answers.length))));
    if (answers.length < questions.length) answers.push(undefined);
  }
  return answers;
}

function run(program: string, questions: readonly Question[]): Promise<Answer[]> {
  const input = questions.flatMap(({ handler, payload }) => {
    const head = Buffer.alloc(5);
    head[0] = HANDLERS.indexOf(handler);
    head.writeUInt32BE(payload.length, 1);
    return [head, Buffer.from(payload, 'latin1')];
  });
  const php = spawn(program, ['-n', SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  php.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  php.stdin.on('error', () => {});
  php.stdin.end(Buffer.concat(input));
  return new Promise((resolve, reject) => {
    php.on('error', reject);
    php.on('close', () => {
      const lines = Buffer.concat(chunks).toString('utf8').split('\n').slice(0, -1);
      resolve(lines.map((line) => JSON.parse(line) as Answer));
    });
  });
}

/** Ours: the values and what they are written as; undefined when refused. */
function ours({ handler, payload }: Question): { view: string; text: string } | undefined {
  const { decode, encode } = phpSerializer(handler);
  try {
    const values = decode(payload);
    return { view: viewOf(values), text: encode(values) };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

describe('formats of PHP, beside PHP itself', () => {
  it(`${PAYLOADS} random payloads: the same are refused, the values are the same, and come back the same`, async function () {
    this.timeout(120_000);
    console.log(`      seed ${SEED} (PHP_FUZZ_SEED)`);
    const random = randomOf(SEED);
    const questions = HANDLERS.flatMap((handler) =>
      Array.from({ length: PAYLOADS / HANDLERS.length }, () => ({
        handler,
        ...randomPayload(random, handler),
      })),
    );
    const answers = await ask(questions);
    const differences: string[] = [];
    const written: { question: Question; view: string; payload: string }[] = [];
    let skipped = 0;
    questions.forEach((question, i) => {
      const answer = answers[i];
      const { handler, payload, exact } = question;
      // A reference to the whole session: PHP does not write it, and does not read it the same way twice.
      const whole = handler === 'php_serialize' && /[Rr]:0*1;/.test(payload);
      if (answer === undefined || answer.trouble !== '' || answer.root !== undefined || whole) {
        skipped++;
        return;
      }
      const read = ours(question);
      const show = (what: string) =>
        differences.push(`${what}: ${handler} ${JSON.stringify(payload)}\n${JSON.stringify([read, answer])}`);
      if ((read !== undefined) !== answer.ok) show(answer.ok ? 'refused' : 'accepted');
      if (read === undefined || !answer.ok) return;
      if (read.view !== answer.view) show('value');
      const theirs = Buffer.from(answer.text ?? '', 'base64').toString('latin1');
      if (exact && read.text !== theirs) show('text');
      written.push({ question: { handler, payload: read.text }, view: read.view, payload });
    });
    expect(differences.slice(0, 5)).to.deep.equal([]);
    expect(skipped).to.be.below(PAYLOADS / 10);
    expect(written.length).to.be.above(PAYLOADS / 3);

    const again = await ask(written.map(({ question }) => question));
    written.forEach(({ view, payload, question }, i) => {
      const answer = again[i];
      if (answer === undefined || answer.view === view) return;
      differences.push(`back: ${question.handler} ${JSON.stringify([payload, question.payload, answer])}`);
    });
    expect(differences.slice(0, 5)).to.deep.equal([]);
  });

  it('whatever is put in is read by PHP as it was', async () => {
    const values = {
      texts: ['', 'é', '日本 😀', 'a\0b', ';}|"'],
      bytes: Buffer.from([0xff, 0, 0xc3]),
      numbers: [
        0,
        -1,
        2 ** 53,
        2 ** 53 - 1,
        -(2 ** 53),
        1.5,
        -0,
        5e-324,
        1e17,
        Number.NaN,
        Number.NEGATIVE_INFINITY,
      ],
      big: [9223372036854775807n, -9223372036854775808n],
      map: { '5': 'five', '-3': 1, '08': 2, é: { deep: [[], {}] } },
      nothing: null,
      yes: [true, false],
    };
    const answers = await ask(
      HANDLERS.map((handler) => ({ handler, payload: phpSerializer(handler).encode(values) })),
    );
    // An empty object is PHP's empty array, which comes back as a list.
    const view = viewOf({ ...values, map: { ...values.map, é: { deep: [[], []] } } });
    expect(answers.map((answer) => answer?.view)).to.deep.equal(HANDLERS.map(() => view));
  });
});
