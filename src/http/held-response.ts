import { ServerResponse, STATUS_CODES, validateHeaderValue } from 'node:http';
import type { Failure } from './failure.js';
import { type Call, type Callback, type Chunk, checkEncoding, isChunk, lost } from './held-call.js';
import { type HeldMethod, ownMethods, WRITABLE_ENDED } from './held-methods.js';
import {
  type Gate,
  HELD,
  type HeldResponse,
  LOCKED,
  type Method,
  type Originals,
  type State,
} from './held-state.js';
import { addSessionHeaders, mergeHeaders, restoreHeaders, setHeaders } from './response-headers.js';
import type { SessionHeaders } from './start-session.js';

export type { Gate } from './held-state.js';

/*
 * Keeps the first byte of a response back until the session is saved. What the handler writes meanwhile is kept in
 * order and played back. Node's own locks hold in between: `_header` is what `headersSent`, `setHeader` and the others
 * ask. `finished` is not touched, because `server.close()` would take the connection for idle and cut it; so
 * `writableEnded` is answered by us. The functions and the descriptor are shared, the state lies under one symbol, and
 * nothing is ever deleted from a response: a closure a request costs ten times as much, a `delete` twice as much.
 */
const REPLACED = 'a failure is answered in its place';

/** Begins to hold `response`; with `returnable` it may be given back. */
export function holdResponse(response: ServerResponse, gate: Gate, returnable = false): void {
  const held = response as unknown as Record<string, unknown>;
  const original = response as unknown as Originals;
  (response as HeldResponse)[HELD] = {
    gate,
    phase: 'held',
    writeHead: original.writeHead,
    write: original.write,
    end: original.end,
    flushHeaders: original.flushHeaders,
    on: held['on'] as Method,
    calls: [],
    bytes: 0,
    head: undefined,
    implicit: false,
    ended: false,
    finishing: false,
    needDrain: false,
    before: returnable ? setHeaders(response) : undefined,
    awaited: undefined,
  };
  held['writeHead'] = OWN.writeHead;
  held['write'] = OWN.write;
  held['end'] = OWN.end;
  held['flushHeaders'] = OWN.flushHeaders;
  // An old name of writeHead, which Node 26 no longer has.
  if (held['writeHeader'] !== undefined) held['writeHeader'] = OWN.writeHead;
}

/** Whether a failure can still take the place of what the handler prepared: nothing has left, and it has not ended. */
export function canBeReplaced(response: ServerResponse): boolean {
  const state = (response as HeldResponse)[HELD];
  return state.phase === 'held' && !state.ended;
}

/** Forgets what the handler prepared. What it still calls has no effect; `answerFailure` must follow. */
export function dropHeld(response: ServerResponse): void {
  const state = (response as HeldResponse)[HELD];
  state.phase = 'dropped';
  (response as HeldResponse)._header = LOCKED;
  refuseCalls(state, REPLACED);
}

/**
 * Runs `work` when a handler that is in the middle of its answer has ended it, unheard, or after so many milliseconds;
 * at once where there is none.
 */
export function whenEnded(response: ServerResponse, milliseconds: number, work: () => void): void {
  const state: State | undefined = (response as HeldResponse)[HELD];
  if (state?.phase !== 'dropped' || state.head === undefined || state.ended) {
    work();
    return;
  }
  const timer = setTimeout(() => state.awaited?.(), milliseconds);
  state.awaited = () => {
    state.awaited = undefined;
    clearTimeout(timer);
    process.nextTick(work);
  };
  if (state.needDrain) process.nextTick(() => response.emit('drain'));
}

/**
 * Gives a response that nothing has left of to an error handler, with the headers from before; what was laid over ours
 * is passed by, because it may have begun to compress. With `held` the error handler's answer is held as well, and gets
 * the session's headers. False: it is too late, or a handler is still writing, and would write into that answer;
 * `answerFailure` must follow.
 */
export function giveBack(response: ServerResponse, held: boolean): boolean {
  const state: State | undefined = (response as HeldResponse)[HELD];
  if (state === undefined) return !response.headersSent && !response.destroyed;
  const { before, head, phase, ended } = state;
  if (before === undefined || phase !== 'dropped' || response.destroyed) return false;
  if (head !== undefined && !ended) return false;
  if ((response as HeldResponse)._header === LOCKED) unlock(response as HeldResponse, state);
  if (response.headersSent) return false;
  restoreHeaders(response, before);
  response.statusCode = 200;
  response.statusMessage = '';
  const own = response as unknown as Record<string, unknown>;
  if (own['on'] !== state.on) own['on'] = state.on;
  own['writeHead'] = held ? OWN.writeHead : state.writeHead;
  own['write'] = held ? OWN.write : state.write;
  own['end'] = held ? OWN.end : state.end;
  own['flushHeaders'] = held ? OWN.flushHeaders : state.flushHeaders;
  state.phase = held ? 'held' : 'released';
  state.head = undefined;
  state.bytes = 0;
  state.ended = state.finishing = state.needDrain = false;
  return true;
}

/** Writes a failure as the whole answer, whatever headers were set before. */
export function answerFailure(response: ServerResponse, failure: Failure, session?: SessionHeaders): void {
  const held = response as HeldResponse;
  const state: State | undefined = held[HELD];
  if (state?.phase === 'held') dropHeld(response);
  if (state !== undefined && held._header === LOCKED) unlock(held, state);
  if (response.destroyed || response.headersSent) {
    response.destroy();
    return;
  }
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  response.sendDate = true;
  response.statusCode = failure.status;
  response.statusMessage = '';
  for (const [name, value] of Object.entries(failure.headers)) response.setHeader(name, value);
  // Removing a length of the handler's has forbidden Node to count for itself.
  response.setHeader('content-length', Buffer.byteLength(failure.body));
  if (session !== undefined) addSessionHeaders(response, session);
  // What others put over ours may have begun to compress the answer that was dropped.
  (state?.end ?? response.end).call(response, failure.body);
}

const writeHead: HeldMethod = (response, state, status, first, second) => {
  if (state.phase === 'released') return state.writeHead.call(response, status, first, second);
  // The status is wrong, or the head is fixed: Node throws its own error.
  const code = (status as number) | 0;
  if (code < 100 || code > 999 || response.headersSent) return nodeWriteHead.call(response, status);
  if (typeof first === 'string') response.statusMessage = first;
  else response.statusMessage ||= STATUS_CODES[code] ?? 'unknown';
  response.statusCode = code;
  const message = response.statusMessage;
  if (message !== STATUS_CODES[code]) validateHeaderValue('statusMessage', message);
  mergeHeaders(response, typeof first === 'string' ? second : (second ?? first));
  state.head = { status: code, message, explicit: !state.implicit };
  response._header = LOCKED;
  return response;
};

const write: HeldMethod = (response, state, chunk, encoding, done) => {
  if (state.phase === 'released') return state.write.call(response, chunk, encoding, done);
  if (!isChunk(chunk)) return nodeWrite.call(response, chunk);
  if (state.ended && state.phase === 'held') return afterEnd(response, nodeWrite, [chunk, encoding, done]);
  const callback = typeof encoding === 'function' ? encoding : done;
  hold(response, state, 'write', chunk, encoding, callback);
  state.needDrain ||= state.bytes >= response.writableHighWaterMark;
  return state.phase === 'held' ? !state.needDrain : state.awaited !== undefined;
};

const end: HeldMethod = (response, state, first, second, third) => {
  if (state.phase === 'released') return state.end.call(response, first, second, third);
  const chunk = typeof first === 'function' || !first ? undefined : first;
  if (chunk !== undefined && !isChunk(chunk)) return nodeWrite.call(response, chunk);
  if (state.ended && state.phase === 'held') return afterEnd(response, nodeEnd, [first, second, third]);
  const callback = typeof first === 'function' ? first : typeof second === 'function' ? second : third;
  hold(response, state, 'end', chunk, second, callback);
  return response;
};

const flushHeaders: HeldMethod = (response, state) => {
  if (state.phase === 'released') state.flushHeaders.call(response);
  else if (!state.ended) hold(response, state, 'flush', undefined, undefined, undefined);
};

const OWN = ownMethods({ writeHead, write, end, flushHeaders });

function hold(
  response: HeldResponse,
  state: State,
  kind: Call['kind'],
  chunk: Chunk | undefined,
  encoding: unknown,
  callback: unknown,
): void {
  const done = typeof callback === 'function' ? (callback as Callback) : undefined;
  if (state.phase === 'dropped') {
    if (done !== undefined) process.nextTick(done, lost(REPLACED));
    state.ended ||= kind === 'end';
    if (state.ended) state.awaited?.();
    return;
  }
  checkEncoding(chunk, encoding);
  if (state.head === undefined) {
    // Through whatever others put over ours: they decide now whether they compress.
    state.implicit = true;
    try {
      response.writeHead(response.statusCode);
    } finally {
      state.implicit = false;
    }
  }
  state.ended = kind === 'end';
  // The caller may use its buffer again as soon as `write` has returned.
  const kept = chunk === undefined || typeof chunk === 'string' ? chunk : Buffer.from(chunk);
  const charset = typeof encoding === 'string' ? encoding : undefined;
  state.calls.push({ kind, chunk: kept, encoding: charset, done });
  if (chunk !== undefined) state.bytes += chunk.length;
  release(response, state);
  // Node's own answer is right until here.
  if (state.ended && state.phase === 'held' && !Object.hasOwn(response, 'writableEnded')) {
    Object.defineProperty(response, 'writableEnded', WRITABLE_ENDED);
  }
}

function release(response: HeldResponse, state: State): void {
  if (state.finishing) return;
  state.finishing = true;
  // With a store that answers at once, a handler that throws right after its first write still gets its error page; and
  // the responses of one turn of the event loop leave one behind the other.
  state.gate.finish().then(
    (headers) => process.nextTick(replay, response, state, headers),
    (error: unknown) => {
      if (state.phase !== 'held') return;
      dropHeld(response);
      state.gate.refused(response, error);
    },
  );
}

/** Gives the head back to Node as the handler left it. */
function unlock(response: HeldResponse, { head, writeHead: below }: State): void {
  response._header = null;
  // Node calls `this.writeHead` for an implicit head; what lies over ours has already had its turn.
  (response as unknown as Record<string, unknown>)['writeHead'] = below;
  if (head !== undefined) {
    response.statusCode = head.status;
    response.statusMessage = head.message;
  }
}

function replay(response: HeldResponse, state: State, headers: SessionHeaders): void {
  if (state.phase !== 'held') return;
  state.phase = 'released';
  unlock(response, state);
  if (response.destroyed) {
    refuseCalls(state, 'the client left');
    return;
  }
  try {
    addSessionHeaders(response, headers);
    if (state.head?.explicit) state.writeHead.call(response, state.head.status);
    for (const call of state.calls) play(response, state, call);
    state.calls = [];
  } catch (error) {
    // What Node refuses only when it makes the head, such as trailers without chunks.
    state.phase = 'dropped';
    refuseCalls(state, REPLACED);
    state.gate.refused(response, error, headers);
    return;
  }
  restore(response, state);
  if (state.needDrain && !response.writableEnded && !response.writableNeedDrain) {
    process.nextTick(() => response.emit('drain'));
  }
}

function play(response: HeldResponse, state: State, { kind, chunk, encoding, done }: Call): void {
  if (kind === 'flush') state.flushHeaders.call(response);
  else if (kind === 'write') state.write.call(response, chunk, encoding, done);
  else if (chunk === undefined) state.end.call(response, done);
  else state.end.call(response, chunk, encoding, done);
}

/** Takes ours off, unless somebody put others over them: those go on calling ours, which pass on. */
function restore(response: HeldResponse, state: State): void {
  const held = response as unknown as Record<string, unknown>;
  if (held['write'] === OWN.write) held['write'] = state.write;
  if (held['end'] === OWN.end) held['end'] = state.end;
  if (held['flushHeaders'] === OWN.flushHeaders) held['flushHeaders'] = state.flushHeaders;
}

/** Answers the callbacks of what will never leave. */
function refuseCalls(state: State, why: string): void {
  for (const { done } of state.calls) if (done !== undefined) process.nextTick(done, lost(why));
  state.calls = [];
}

// Node's own, for their errors.
const {
  writeHead: nodeWriteHead,
  write: nodeWrite,
  end: nodeEnd,
} = ServerResponse.prototype as unknown as Originals;

/** Node's answer to a call that comes after the end. */
function afterEnd(response: HeldResponse, method: Method, args: unknown[]): unknown {
  response.finished = true;
  try {
    return method.apply(response, args);
  } finally {
    response.finished = false;
  }
}
