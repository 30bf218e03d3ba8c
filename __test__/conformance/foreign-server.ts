import { after, before, describe } from 'node:test';
import { connect, type FlightSQLClient, type FlightSQLClientOptions } from 'flightsql';
import type { ServerName } from '../servers/install/installed.mjs';
import type { RunningServer } from '../servers/launch.js';
import { unlessInstallable, useServer } from '../servers/use-server.js';
import type { Profile } from './profile.js';
import { conformance } from './suite.js';

/** A server that others wrote: how its tests are called, how it is started, and what a client needs to be let in. */
export interface ForeignServer {
  readonly title: string;
  readonly name: ServerName;
  readonly start: () => Promise<RunningServer>;
  readonly login?: FlightSQLClientOptions;
}

/** Declares the suite for a server that others wrote, which runs as long as its tests do. */
export function foreignConformance({ title, name, start, login = {} }: ForeignServer, profile: Omit<Profile, 'client'>): void {
  describe(`conformance: ${title}`, { skip: unlessInstallable(name) }, () => {
    const server = useServer(start);
    let client: FlightSQLClient;
    before(async () => {
      client = await connect(server().uri, login);
    });
    after(() => client?.close());

    conformance({ ...profile, client: () => client });
  });
}
