import { FlightSQLError } from '../errors.js';
import type { NativeBinding } from './binding-types.js';
import { BOUNDARY_VERSION } from './layout.generated.js';

/**
 * Returns `binding` as the addon, or refuses it: reading memory by another version's layout would give wrong values, not an error.
 *
 * Another version is met where a platform package of one release lies beside the main package of another, mostly after a partial upgrade.
 */
export function checkBoundary(binding: unknown, expected: number = BOUNDARY_VERSION): NativeBinding {
  const addon = binding as NativeBinding;
  const found = typeof addon?.boundaryVersion === 'function' ? addon.boundaryVersion() : null;
  if (found === expected) return addon;
  const release = typeof addon?.addonVersion === 'function' ? ` of release ${addon.addonVersion()}` : '';
  const spoken = found === null ? 'no boundary version' : `boundary version ${found}`;
  throw new FlightSQLError(
    'BOUNDARY_MISMATCH',
    `the native addon${release} speaks ${spoken}, this package needs boundary version ${expected}`,
    {
      hint: 'remove node_modules and install again, so that flightsql and its platform package are of one release',
    },
  );
}
