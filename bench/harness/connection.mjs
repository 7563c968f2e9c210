import { connect } from 'node:net';

const HEAD_END = '\r\n\r\n';
const LENGTH = /^content-length: (\d+)/im;

/** One keep-alive connection with at most one request under way. Understands answers with Content-Length. */
export class Connection {
  #socket;
  #buffered = '';
  #answered;
  #failed;

  static open(port) {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(new Connection(socket)));
      socket.once('error', reject);
    });
  }

  constructor(socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (text) => this.#receive(text));
    socket.on('error', (error) => this.#failed?.(error));
    socket.on('close', () => this.#failed?.(new Error('the server closed the connection')));
  }

  /** Calls `answered(head, body)` once the whole response is there, or `failed(error)`. */
  send(text, answered, failed) {
    this.#answered = answered;
    this.#failed = failed;
    this.#socket.write(text, 'latin1');
  }

  close() {
    this.#failed = undefined;
    this.#socket.destroy();
  }

  #receive(text) {
    this.#buffered = this.#buffered === '' ? text : this.#buffered + text;
    const headEnd = this.#buffered.indexOf(HEAD_END);
    if (headEnd === -1) return;
    const head = this.#buffered.slice(0, headEnd);
    const length = LENGTH.exec(head);
    if (length === null) return this.#failed(new Error(`a response without Content-Length:\n${head}`));
    const start = headEnd + HEAD_END.length;
    if (this.#buffered.length < start + Number(length[1])) return;
    const body = this.#buffered.slice(start);
    this.#buffered = '';
    this.#answered(head, body);
  }
}
