import { render } from 'preact';
import { LoadError } from '../components/load-error.tsx';
import { loadLanguage } from '../words/load-language.ts';
import { NotFoundView } from './not-found-view.tsx';

const page = document.querySelector('main');
if (page === null) throw new TypeError('not-found.html has no <main>.');

loadLanguage(window).then(
  () => render(<NotFoundView />, page),
  () => render(<LoadError />, page),
);
