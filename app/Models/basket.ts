import { session } from 'blitz-session';
import { currentDiscount } from './discount.ts';
import { type Product, productOf } from './menu.ts';

declare module 'blitz-session' {
  interface SessionData {
    panier: { ordre: string[]; quantites: Record<string, number> };
  }
}

/** Most pieces of one product. */
export const MOST = 20;

export interface Line {
  readonly product: Product;
  readonly quantity: number;
  /** In cents. */
  readonly total: number;
}

export interface Basket {
  readonly lines: readonly Line[];
  readonly quantities: Readonly<Record<string, number>>;
  readonly pieces: number;
  /** In cents, before the discount. */
  readonly subtotal: number;
  /** In cents. */
  readonly reduction: number;
  readonly total: number;
}

/** What the session's basket holds, in the order in which it was filled, with the discount that holds now. */
export function currentBasket(): Basket {
  const { ordre = [], quantites = {} } = session('panier') ?? {};
  const lines = ordre.flatMap((id) => {
    const product = productOf(id);
    const quantity = quantites[id] ?? 0;
    return product === undefined ? [] : [{ product, quantity, total: product.price * quantity }];
  });
  const subtotal = lines.reduce((sum, line) => sum + line.total, 0);
  const reduction = Math.round((subtotal * (currentDiscount()?.taux ?? 0)) / 100);
  const pieces = lines.reduce((sum, line) => sum + line.quantity, 0);
  return { lines, quantities: quantites, pieces, subtotal, reduction, total: subtotal - reduction };
}

/** One piece more. False: there are as many as may be. */
export function addToBasket({ id }: Product): boolean {
  const quantity = session().get(`panier.quantites.${id}`, 0);
  if (quantity >= MOST) return false;
  if (quantity === 0) session().push('panier.ordre', id);
  session().increment(`panier.quantites.${id}`);
  return true;
}

/** One piece less; the line goes with the last one. */
export function takeFromBasket({ id }: Product): void {
  if (session().missing(`panier.quantites.${id}`)) return;
  if (session().decrement(`panier.quantites.${id}`) > 0) return;
  session().remove(`panier.quantites.${id}`);
  const { ordre = [] } = session('panier') ?? {};
  session().put(
    'panier.ordre',
    ordre.filter((each) => each !== id),
  );
}
