import { Controller, type View, view } from 'blitz-session';
import { exampleReport, lastReport } from '../Models/report.ts';

/** What these sessions do, in two minutes. */
export class HomeController extends Controller {
  show(): View {
    return view('home', { report: lastReport() ?? exampleReport() });
  }
}
