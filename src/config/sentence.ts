/** One text in each language of the messages. */
export interface Sentence {
  readonly fr: string;
  readonly en: string;
}
