import { metadata } from './metadata.js';
import { parameters } from './parameters.js';
import type { Profile } from './profile.js';
import { statements } from './statements.js';

/** Declares every test of the suite for one server. */
export function conformance(profile: Profile): void {
  statements(profile);
  parameters(profile);
  metadata(profile);
}
