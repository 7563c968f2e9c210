/** Something that the buffet sells. */
export interface Product {
  /** Its key in the session: `panier.quantites.cafe`. */
  readonly id: string;
  readonly name: string;
  readonly about: string;
  /** In cents. */
  readonly price: number;
}

export const MENU: readonly Product[] = [
  { id: 'cafe', name: 'Café', about: 'Serré, servi debout', price: 190 },
  { id: 'limonade', name: 'Limonade', about: 'Citron de Menton, en bouteille', price: 340 },
  { id: 'jambon-beurre', name: 'Jambon-beurre', about: 'Baguette du matin', price: 480 },
  { id: 'madeleines', name: 'Madeleines', about: 'Le sachet de trois', price: 260 },
];

export function productOf(id: string): Product | undefined {
  return MENU.find((product) => product.id === id);
}
