import { defineRoutes } from 'blitz-session';
import { BasketController } from '../app/Controllers/BasketController.ts';
import { BookingController } from '../app/Controllers/BookingController.ts';
import { ComebackController } from '../app/Controllers/ComebackController.ts';
import { HomeController } from '../app/Controllers/HomeController.ts';
import { MessageController } from '../app/Controllers/MessageController.ts';
import { ParallelController } from '../app/Controllers/ParallelController.ts';
import { SessionController } from '../app/Controllers/SessionController.ts';
import { SignInController } from '../app/Controllers/SignInController.ts';
import { RecordVisit } from '../app/Middleware/RecordVisit.ts';
import { SecurityHeaders } from '../app/Middleware/SecurityHeaders.ts';

export default defineRoutes((route) => {
  route.use(SecurityHeaders);

  // Les pages : chacune se souvient de la visite.
  route.middleware(RecordVisit).group(() => {
    route.get('/', [HomeController, 'show']).name('home');
    route.get('/parallele', [ParallelController, 'show']).name('parallel');
    route.get('/sans-retour', [ComebackController, 'show']).name('comeback');
    route.get('/panier', [BasketController, 'show']).name('basket');
    route.get('/message', [MessageController, 'show']).name('message');
    route.get('/reservation', [BookingController, 'show']).name('booking');
    route.get('/connexion', [SignInController, 'show']).name('sign-in');
    route.get('/session', [SessionController, 'show']).name('session');
  });

  // Vingt écritures : sous le verrou de la session, puis sans session du tout.
  route
    .prefix('/parallele')
    .where({ numero: /[1-9]|1\d|20/, cle: /[\da-f-]{36}/ })
    .group(() => {
      route.post('/', [ParallelController, 'start']);
      route.post('/session/{numero}', [ParallelController, 'writeSession']);
      route.post('/memoire/{cle}/{numero}', [ParallelController, 'writeMemory']).withoutSession();
      route.get('/bilan', [ParallelController, 'report']).readOnly();
    });

  route.post('/sans-retour', [ComebackController, 'tell']);

  route.prefix('/panier').group(() => {
    route.delete('/', [BasketController, 'empty']);
    route.post('/remise', [BasketController, 'takeDiscount']).name('discount');
    route.delete('/remise', [BasketController, 'returnDiscount']);
    route.post('/{article}/plus', [BasketController, 'add']).name('basket.add');
    route.post('/{article}/moins', [BasketController, 'take']).name('basket.take');
  });

  route.post('/message', [MessageController, 'send']);
  route.post('/reservation', [BookingController, 'book']);
  route.post('/connexion', [SignInController, 'enter']);
  route.delete('/connexion', [SignInController, 'leave']);
  route.post('/session', [SessionController, 'flash']);
  route.delete('/session', [SessionController, 'destroy']);
});
