import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

/** Whether processes can be kept on one core each. */
export const PINNED =
  availableParallelism() >= 2 &&
  ['0', '1'].every((core) => spawnSync('taskset', ['-c', core, 'true']).status === 0);

/** A node process running a script of this folder; it answers each message with one message. */
class Process {
  #child;
  #name;
  /** Who waits for the next message. */
  #asking;
  #ended;

  /** `core` undefined: wherever the system likes. `flags` are node's. */
  constructor(script, args, core, flags = []) {
    const command = [process.execPath, ...flags, fileURLToPath(new URL(script, import.meta.url)), ...args];
    if (PINNED && core !== undefined) command.unshift('taskset', '-c', String(core));
    this.#name = [script, ...args.slice(0, 1)].join(' ');
    this.#child = spawn(command[0], command.slice(1), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, NODE_ENV: 'production' },
    });
    this.#child.on('message', (answer) => this.#asking?.resolve(answer));
    this.#ended = once(this.#child, 'exit').then(() => {
      this.#asking?.reject(new Error(`${this.#name} ended too early`));
    });
  }

  /** Sends the message, if there is one, and waits for the next answer. */
  ask(message) {
    return new Promise((resolve, reject) => {
      this.#asking = { resolve, reject };
      if (message !== undefined) this.#child.send(message);
    });
  }

  async stop() {
    this.#asking = undefined;
    if (this.#child.connected) this.#child.disconnect();
    else this.#child.kill('SIGKILL');
    await this.#ended;
  }
}

export class ServerProcess extends Process {
  port = 0;

  /** Starts the server of a set-up and waits until it listens. */
  static async start(setup, { folder, bytes, address }, core) {
    const flags = ['--expose-gc', ...(process.env['BENCH_SERVER_FLAGS']?.split(' ') ?? [])];
    const args = [setup.name, folder, String(bytes), ...(address === undefined ? [] : [address])];
    const server = new ServerProcess('server.mjs', args, core, flags);
    server.port = (await server.ask()).port;
    return server;
  }

  /** Microseconds of CPU that the process has used, in all its threads. */
  async cpu() {
    const { user, system } = await this.ask('cpu');
    return user + system;
  }

  /** Bytes: `rss`, and after a collection `heap` and `external`. */
  memory() {
    return this.ask('memory');
  }
}

export class ClientProcess extends Process {
  constructor(core) {
    super('client.mjs', [], core);
  }

  /** Runs one step of the client. Throws what the client could not do. */
  async run(step, options = {}) {
    const { outcome, error } = await this.ask({ step, ...options });
    if (error !== undefined) throw new Error(`the client failed: ${error}`);
    return outcome;
  }
}
