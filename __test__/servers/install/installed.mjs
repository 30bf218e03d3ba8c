import { once } from './cache.mjs';
import { recipes } from './recipes.mjs';
import { missingTools } from './toolchain.mjs';

export { dataFusionBinary } from './datafusion.mjs';
export { classpathOf } from './recipes.mjs';

/**
 * Why `name` cannot be installed on this machine, or null when it can. With `CI` set nothing may be left out: there a
 * missing tool is an error.
 */
export function whyUnavailable(name) {
  const missing = missingTools(recipes[name].tools);
  if (missing.length === 0) return null;
  const reason = `${name} needs ${missing.join(', ')}, which this machine lacks`;
  if (process.env.CI) throw new Error(`${reason}; with CI set no server is skipped`);
  return reason;
}

/** The folder of `name`, installed now if it was not; `whenBuilding` is called before that. */
export function installed(name, whenBuilding = () => {}) {
  const recipe = recipes[name];
  return once(name, recipe.inputs(), (folder) => {
    whenBuilding();
    return recipe.build(folder);
  });
}
