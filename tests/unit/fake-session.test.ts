import { AssertionError } from 'node:assert';
import { type ErrorCode, isBlitzError, Services, Session, Store, service, session } from 'blitz-session';
import { fakeSession, ManualClock } from 'blitz-session/testing';
import { expect } from 'chai';

function refused(code: ErrorCode, work: () => unknown): void {
  try {
    work();
  } catch (error) {
    expect(isBlitzError(error, code), String(error)).to.equal(true);
    return;
  }
  expect.fail(`${code} was not thrown`);
}

/** What an application may have: it knows nothing of where the session comes from. */
function greeting(): string {
  return `Hello ${session('name', 'visitor')}, ${Session.increment('visits')}`;
}

describe('fakeSession', () => {
  it('is a Store, without application or request', () => {
    const fake = fakeSession({ name: 'Ada', 'cart.items': ['tea'] });
    expect(fake).to.be.instanceOf(Store);
    expect(fake.get('cart.items.0')).to.equal('tea');
    expect(fake.increment('visits')).to.equal(1);
    expect(fake.all()).to.deep.equal({ name: 'Ada', cart: { items: ['tea'] }, visits: 1 });
    expect(fake.id).to.match(/^[0-9a-f]{32}$/);
    expect(fake.token()).to.have.length(40);
    expect(fake.isStarted()).to.equal(true);
  });

  it('is what session(), the façade and the services find inside run, and nothing outside', async () => {
    const fake = fakeSession({ name: 'Ada' });
    const [text, later] = await fake.run(async (given) => {
      const first = greeting();
      await new Promise((resolve) => setImmediate(resolve));
      given.put('seen', service('session').id === Services.session().id);
      return [first, greeting()];
    });
    expect([text, later]).to.deep.equal(['Hello Ada, 1', 'Hello Ada, 2']);
    fake.assertHas('visits', 2).assertHas('seen', true);
    refused('E_SESSION_NO_REQUEST', () => session('name'));
  });

  it('keeps two of them apart', async () => {
    const [one, other] = [fakeSession({ name: 'Ada' }), fakeSession({ name: 'Zoé' })];
    await Promise.all([one.run(async () => greeting()), other.run(async () => greeting())]);
    one.run(() => expect(other.run(greeting)).to.equal('Hello Zoé, 2'));
    one.assertHas('visits', 1);
  });

  it('ages flash and temporary values between requests', () => {
    const clock = new ManualClock();
    const fake = fakeSession({ kept: 1 }, { clock });
    fake.flash('notice', 'saved');
    fake.temp('code', 5, 60);
    fake.nextRequest().assertHas('notice', 'saved').assertHas('code', 5);
    void clock.advance(61);
    fake.nextRequest().assertMissing('notice').assertMissing('code').assertHas('kept', 1);
  });

  it('ends as a real one', async () => {
    const fake = fakeSession({ list: [1] });
    const { id } = fake;
    await fake.close();
    refused('E_SESSION_CLOSED', () => fake.put('a', 1));
    fake.get<number[]>('list')?.push(2);
    await fake.start();
    expect(fake.get('list')).to.deep.equal([1]);
    await fake.regenerate();
    expect(fake.id).to.not.equal(id);
    fake.assertHas('list');
    await fake.invalidate();
    fake.assertMissing('list').put('farewell', true);
    await fake.destroy();
    expect(fake.all()).to.deep.equal({});
    refused('E_SESSION_CLOSED', () => fake.put('a', 1));
    fake.nextRequest().put('a', 1);
  });

  it('can be read only', async () => {
    const fake = fakeSession({ a: 1 }, { readOnly: true, id: 'ab'.repeat(16) });
    expect([fake.get('a'), fake.id, fake.isStarted()]).to.deep.equal([1, 'ab'.repeat(16), false]);
    refused('E_SESSION_READ_ONLY', () => fake.put('a', 2));
    refused('E_SESSION_READ_ONLY', () => fake.token());
    fake.nextRequest().assertHas('a', 1);
  });

  it('refuses what no session can hold', () => {
    refused('E_SESSION_VALUE', () => fakeSession({ bad: () => 1 }));
    const fake = fakeSession({ list: [] as unknown[] });
    fake.get<unknown[]>('list')?.push(() => 1);
    refused('E_SESSION_VALUE', () => fake.nextRequest());
  });

  it('says what is wrong', () => {
    const fake = fakeSession({ name: 'Ada', none: null });
    fake.assertHas('name').assertHas('name', 'Ada').assertHas('none', null).assertMissing('age');
    fake.assertHas('name', (name: unknown) => name === 'Ada');
    expect(() => fake.assertHas('age')).to.throw(AssertionError, 'has no "age"; the session has name, none');
    expect(() => fake.assertHas('none')).to.throw(AssertionError, 'null under "none"');
    expect(() => fake.assertHas('name', 'Zoé')).to.throw(AssertionError, 'another value under "name"');
    expect(() => fake.assertHas('name', undefined)).to.throw(AssertionError);
    expect(() => fake.assertHas('name', () => false)).to.throw(AssertionError, 'not as expected');
    expect(() => fake.assertMissing('name')).to.throw(AssertionError, 'the session has "name"');
  });
});
