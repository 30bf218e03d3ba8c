import binding from '#binding';
import type { NativeBinding } from './binding-types.js';
import { checkBoundary } from './boundary-check.js';

/** The native addon, checked to be the one that this TypeScript was written for. */
export const addon: NativeBinding = checkBoundary(binding);
