import { findServices } from '../container/current.js';
import { currentScope } from '../container/request-scope.js';
import type { Handler } from '../contracts/handler.js';
import { BlitzError } from '../errors.js';
import type { SessionManager } from '../session/session-manager.js';
import { type CallingSession, callingSession } from './handler-calls.js';
import { currentSettings } from './request.js';
import type { SaveHandler } from './save-handler.js';
import { newSid } from './sid.js';

/** The configured handler at work on the session of one request. */
interface Parent {
  readonly handler: Handler;
  readonly keyOf: (id: string) => string;
}

/**
 * The handler that the application's configuration names, as a save handler: to be extended, so that a subclass changes
 * what is written or read on the way (encryption, say) and leaves the rest to `super`. It locks where that handler
 * locks, from `read` to `close`. One object can serve every request. As in PHP it has no `validateId`
 * and no `updateTimestamp`: strict mode and lazy write are off. Its methods are for `session_set_save_handler` to call;
 * elsewhere they throw. (PHP: SessionHandler.)
 */
export class SessionHandler implements SaveHandler {
  async open(_savePath: string, _name: string): Promise<boolean> {
    const session = calling('open');
    const services = findServices();
    if (services === undefined) throw new BlitzError('E_APP_NOT_BOOTED');
    // session_reset() opens again without a close; a second handler would wait for the lock of the first.
    if (session.parent !== undefined) await parentOf(session, 'open').handler.close();
    const manager = services.get<SessionManager>('sessionManager');
    const ip = currentScope()?.unstarted?.ip;
    const Configured = manager.handlerClass;
    const handler = new Configured(manager.handlerOptions, ip === undefined ? {} : { ip }) as Handler;
    session.parent = { handler, keyOf: (id: string) => manager.keyOf(id, ip) } satisfies Parent;
    const { savePath, name } = manager.handlerOptions;
    return (await handler.open(savePath, name)) !== false;
  }

  async close(): Promise<boolean> {
    const session = calling('close');
    const { handler } = parentOf(session, 'close');
    session.parent = undefined;
    return (await handler.close()) !== false;
  }

  async read(id: string): Promise<string | false> {
    const { handler, keyOf } = parentOf(calling('read'), 'read');
    return handler.read(keyOf(id));
  }

  async write(id: string, data: string): Promise<boolean> {
    const { handler, keyOf } = parentOf(calling('write'), 'write');
    return (await handler.write(keyOf(id), data)) !== false;
  }

  async destroy(id: string): Promise<boolean> {
    const { handler, keyOf } = parentOf(calling('destroy'), 'destroy');
    return (await handler.destroy(keyOf(id))) !== false;
  }

  async gc(maxLifetime: number): Promise<number | false> {
    const { handler } = parentOf(calling('gc'), 'gc');
    const deleted = await handler.gc(maxLifetime);
    return deleted === false ? false : Number(deleted ?? 0);
  }

  create_sid(): string | Promise<string> {
    return newSid(currentSettings());
  }
}

function calling(method: string): CallingSession {
  const session = callingSession();
  if (session === undefined) {
    throw new TypeError(`SessionHandler.${method}() is for session_set_save_handler() to call`);
  }
  return session;
}

function parentOf({ parent }: CallingSession, method: string): Parent {
  if (parent === undefined) throw new TypeError(`SessionHandler.${method}(): the handler is not open`);
  return parent as Parent;
}
