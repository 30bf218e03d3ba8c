// npm run docs: the API's pages, into docs/api.

import { install } from './install.mjs';
import { must } from './run.mjs';

await install();
await must('typedoc', process.argv.slice(2));
