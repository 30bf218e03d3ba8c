import { boundUpdates } from './bound-updates.js';
import { ingest } from './ingest.js';
import { longQueries } from './long-queries.js';
import { metadata } from './metadata.js';
import { parameters } from './parameters.js';
import type { Profile } from './profile.js';
import { sessions } from './sessions.js';
import { statements } from './statements.js';
import { transactions } from './transactions.js';

/** Declares every test of the suite for one server. */
export function conformance(profile: Profile): void {
  statements(profile);
  parameters(profile);
  boundUpdates(profile);
  transactions(profile);
  ingest(profile);
  longQueries(profile);
  sessions(profile);
  metadata(profile);
}
