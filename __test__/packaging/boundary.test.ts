import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { BOUNDARY_VERSION } from '../../src-ts/native/layout.generated.js';
import { InstalledApp } from './installed-app.js';

describe('a platform package of another release', () => {
  let app: InstalledApp;
  before(async () => {
    const text = "module.exports = { boundaryVersion: () => 4711, addonVersion: () => '99.0.0' };";
    app = await InstalledApp.create({ platform: { kind: 'script', text }, arrow: false });
  });
  after(() => app.remove());

  const refused = (loaded: unknown) => {
    const { code, message, hint } = loaded as { code: string; message: string; hint: string };
    assert.equal(code, 'BOUNDARY_MISMATCH');
    assert.match(message, /99\.0\.0/);
    assert.match(message, /\b4711\b/);
    assert.match(message, new RegExp(`\\b${BOUNDARY_VERSION}\\b`));
    assert.match(hint, /install again/);
  };

  const REPORT = '({ code, message, hint }) => console.log(JSON.stringify({ code, message, hint }))';

  it('is refused on import, naming both boundary versions', async () => {
    refused(await app.run('import.mjs', `import('flightsql').then(() => console.log('null'), ${REPORT});`));
  });

  it('is refused on require, naming both boundary versions', async () => {
    refused(await app.run('require.cjs', `try { require('flightsql'); console.log('null'); } catch (error) { (${REPORT})(error); }`));
  });
});
