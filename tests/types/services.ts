import {
  type Clock,
  Config,
  type ConfigService,
  defineServices,
  Event,
  Facade,
  facade,
  Log,
  Services,
  type Store,
  service,
  singleService,
} from 'blitz-session';

class TypeTestCart {
  items: string[] = [];
  add(item: string): number {
    return this.items.push(item);
  }
}

const services = defineServices({ type_test_cart: () => new TypeTestCart() });

declare module 'blitz-session' {
  interface ServiceMap {
    type_test_cart: ReturnType<(typeof services)['type_test_cart']>;
  }
}

class CartFacade extends Facade {
  static override accessor(): string {
    return 'type_test_cart';
  }
}

const Cart = facade<TypeTestCart>()(CartFacade);

/** Never called: the compiler reads it. */
export function named(): void {
  const stores: Store[] = [
    Services.session(),
    Services.session(false),
    service('session'),
    singleService('session'),
  ];
  const clock: Clock = Services.clock();
  const config: ConfigService = service('config');
  const cart: TypeTestCart = Services.type_test_cart();
  const own: TypeTestCart = singleService('type_test_cart', 1, 2);
  const added: number = service('type_test_cart').add('x');
  const said: { x: 1 } = service<{ x: 1 }>('type_test_other');
  Services.set('clock', clock);
  Services.set('type_test_other', 1);
  Services.reset('clock');
  void [stores, config, cart, own, added, said];

  // @ts-expect-error no such service
  Services.sesion();
  // @ts-expect-error what no one has described is unknown
  service('sesion').get('key');
  // @ts-expect-error what no one has described is unknown
  singleService('sesion').get('key');
  // @ts-expect-error no such method
  service('type_test_cart').addd('x');
  // @ts-expect-error no such method
  Services.type_test_cart().addd('x');
  // @ts-expect-error shared or not
  Services.session('no');
  // @ts-expect-error a store is no clock
  const wrong: Clock = service('session');
  void wrong;
}

export function facades(): void {
  const added: number = Cart.add('x');
  const items: string[] = Cart.items;
  const name: string = Cart.accessor();
  const cookie: string | undefined = Config.get<string>('session.cookie_name');
  Event.on('session:started', () => {});
  Log.warn('careful', { detail: 1 });
  void [added, items, name, cookie];

  // @ts-expect-error no such method
  Cart.addd('x');
  // @ts-expect-error an item is text
  Cart.add(5);
  // @ts-expect-error no such method
  Config.gett('session');
  // @ts-expect-error no such method
  Event.onn('session:started', () => {});
  // @ts-expect-error no such method
  Log.warning('careful');
  // @ts-expect-error the class must be a façade
  facade<TypeTestCart>()(TypeTestCart);
}
