import { type EventListenerInterface, type EventManagerInterface, View } from 'blitz-session';
import * as french from '../Helpers/french.ts';

/** Gives every view the French way to write prices, durations and plurals: `it.price(320)`. */
export class ViewListener implements EventListenerInterface {
  listen(event: EventManagerInterface): void {
    event.on('app:init', () => {
      View.share({ ...french });
    });
  }
}
