import { serve } from 'blitz-session';

await serve();
