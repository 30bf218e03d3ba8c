import { DERBY_USER, startJavaDerby } from '../servers/java-derby.js';
import { foreignConformance } from './foreign-server.js';

foreignConformance(
  { title: "arrow-java's Derby server", name: 'java-derby', start: () => startJavaDerby({ auth: 'basic' }), login: DERBY_USER },
  {
    supports: {
      updates: true,
      prepared: true,
      parameters: true,
      overlappingRuns: false,
      parameterSchema: true,
      ingest: false,
      poll: true,
      cancel: false,
      renew: false,
      sessions: false,
      transactions: false,
      savepoints: false,
      executeSchema: true,
      metadataSchema: true,
      tableTypes: true,
      keys: true,
      sqlInfo: true,
      xdbcTypeInfo: true,
    },
    table: 'INTTABLE',
    column: 'KEYNAME',
    placeholder: () => '?',
    catalog: null,
    tableType: 'TABLE',
    foreignKeySequenceFrom: 1,
    serverName: /Derby/,
  },
);
