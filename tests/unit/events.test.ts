import { EventManager } from 'blitz-session';
import { expect } from 'chai';

describe('the event manager', () => {
  it('calls listeners by priority, lower first, then in the order of their registration', async () => {
    const events = new EventManager();
    const heard: string[] = [];
    events.on('e', () => void heard.push('b'), 20);
    events.on('e', () => void heard.push('c'), 20);
    events.attach('e', () => void heard.push('a'), 10);
    events.on('e', () => void heard.push('d'));
    await events.emit('e');
    expect(heard).to.deep.equal(['a', 'b', 'c', 'd']);
  });

  it('lets * hear every event, in its priority', async () => {
    const events = new EventManager();
    const heard: string[] = [];
    events.on('*', (event) => void heard.push(`* ${event.name}`), 1);
    events.on('e', () => void heard.push('e'), 5);
    await events.emit('e');
    await events.emit('f');
    expect(heard).to.deep.equal(['* e', 'e', '* f']);
  });

  it('waits for async listeners before it calls the next', async () => {
    const events = new EventManager();
    const heard: number[] = [];
    events.on('e', async () => {
      await new Promise((resolve) => setImmediate(resolve));
      heard.push(1);
    });
    events.on('e', () => void heard.push(2));
    await events.emit('e');
    expect(heard).to.deep.equal([1, 2]);
  });

  for (const [title, stop] of [
    ['false', () => false],
    ['a promise of false', async () => false],
    ['stopPropagation()', (event: { stopPropagation(): void }) => event.stopPropagation()],
  ] as const) {
    it(`stops at ${title}`, async () => {
      const events = new EventManager();
      let reached = false;
      events.on('e', stop, 1);
      events.on('e', () => {
        reached = true;
      });
      const event = await events.emit('e');
      expect(event.isPropagationStopped()).to.equal(true);
      expect(reached).to.equal(false);
    });
  }

  it('hands target, parameters and the last result on', async () => {
    const events = new EventManager();
    const target = {};
    events.on('e', (event) => [event.target === target, event.params['a']]);
    events.on('e', () => undefined);
    expect((await events.emit('e', target, { a: 1 })).result).to.deep.equal([true, 1]);
  });

  it('removes one listener, or all of an event', async () => {
    const events = new EventManager();
    const heard: string[] = [];
    const one = () => void heard.push('one');
    events.on('e', one);
    events.on('e', () => void heard.push('two'));
    expect(events.off('e', one)).to.equal(true);
    expect(events.detach('e', one)).to.equal(false);
    await events.emit('e');
    events.clearListeners('e');
    await events.emit('e');
    expect(heard).to.deep.equal(['two']);
  });

  it('leaves a failing listener to the caller', async () => {
    const events = new EventManager();
    events.on('e', () => {
      throw new Error('of the listener');
    });
    const error = await events.emit('e').catch((failure: Error) => failure);
    expect(error).to.be.instanceOf(Error).with.property('message', 'of the listener');
  });
});
