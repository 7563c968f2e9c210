import { code } from './code.ts';
import { contents } from './contents.ts';
import { counter } from './counter.ts';
import { home } from './home.ts';
import { message } from './message.ts';
import type { Page } from './page.ts';
import { signIn } from './sign-in.ts';

const demonstrations: readonly Page[] = [counter, message, code, signIn, contents];

/** Every page, in the order of the navigation. */
export const pages: readonly Page[] = [home(demonstrations), ...demonstrations];
