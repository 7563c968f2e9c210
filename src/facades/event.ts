import type { EventManager } from '../events/event-manager.js';
import { Facade, facade } from './facade.js';

class EventFacade extends Facade {
  static override accessor(): string {
    return 'event';
  }
}

/** The event manager: `Event.on('session:started', listener)`. (BlitzPHP: Facades\Event.) */
export const Event: typeof EventFacade & Omit<EventManager, keyof typeof EventFacade> =
  facade<EventManager>()(EventFacade);
