import { abort, Controller, type RedirectResponse, redirect, session, type View, view } from 'blitz-session';
import { french } from '../Helpers/french.ts';
import { addToBasket, currentBasket, MOST, takeFromBasket } from '../Models/basket.ts';
import { currentDiscount, DELAYS, issueDiscount, secondsLeft } from '../Models/discount.ts';
import { MENU, productOf } from '../Models/menu.ts';

/** A list and its quantities, and a code that goes by itself. */
export class BasketController extends Controller {
  show(): View {
    const discount = currentDiscount();
    const left = discount === undefined ? 0 : secondsLeft(discount);
    return view('basket', { menu: MENU, basket: currentBasket(), delays: DELAYS, discount, left });
  }

  add(id: string): RedirectResponse {
    const product = productOf(id) ?? abort(404);
    const place = this.request.string('depuis') === 'carte' ? 'carte' : 'ligne';
    const answer = redirect().route('basket').withFragment(`${place}-${id}`);
    if (addToBasket(product)) return answer;
    return answer.with('avis', french(`${product.name} : ${MOST} au plus par panier.`));
  }

  take(id: string): RedirectResponse {
    takeFromBasket(productOf(id) ?? abort(404));
    return redirect()
      .route('basket')
      .withFragment(session().has(`panier.quantites.${id}`) ? `ligne-${id}` : 'votre-panier');
  }

  empty(): RedirectResponse {
    session().remove('panier');
    return redirect().route('basket').with('avis', 'Votre panier est vide.');
  }

  takeDiscount(): RedirectResponse {
    const delay = this.request.integer('delai');
    if (!DELAYS.includes(delay)) abort(400);
    issueDiscount(delay);
    return redirect().route('basket').withFragment('remise');
  }

  returnDiscount(): RedirectResponse {
    session().removeTempdata('remise');
    return redirect().route('basket').withFragment('remise');
  }
}
