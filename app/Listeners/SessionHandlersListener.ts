import { type EventListenerInterface, type EventManagerInterface, Session } from 'blitz-session';
import { MongoSessionHandler } from '../Extensions/MongoSessionHandler.ts';
import { SqliteSessionHandler } from '../Extensions/SqliteSessionHandler.ts';

declare module 'blitz-session' {
  interface SessionHandlers {
    mongo: true;
    sqlite: true;
  }
}

/** Makes `handler: 'mongo'` and `handler: 'sqlite'` known. The libraries behind them are imported when they are used. */
export class SessionHandlersListener implements EventListenerInterface {
  listen(event: EventManagerInterface): void {
    event.on('app:init', () => {
      Session.extend({ mongo: MongoSessionHandler, sqlite: SqliteSessionHandler });
    });
  }
}
