import { boundUpdates } from './bound-updates.js';
import { metadata } from './metadata.js';
import { parameters } from './parameters.js';
import type { Profile } from './profile.js';
import { statements } from './statements.js';
import { transactions } from './transactions.js';

/** Declares every test of the suite for one server. */
export function conformance(profile: Profile): void {
  statements(profile);
  parameters(profile);
  boundUpdates(profile);
  transactions(profile);
  metadata(profile);
}
