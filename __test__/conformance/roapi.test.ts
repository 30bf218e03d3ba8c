import { startRoapi } from '../servers/roapi.js';
import { foreignConformance } from './foreign-server.js';

foreignConformance(
  { title: 'roapi (DataFusion)', name: 'roapi', start: startRoapi },
  {
    supports: {
      updates: 'pretended',
      prepared: true,
      parameters: false,
      overlappingRuns: false,
      parameterSchema: false,
      ingest: false,
      poll: false,
      cancel: false,
      renew: false,
      sessions: false,
      transactions: false,
      savepoints: false,
      executeSchema: true,
      metadataSchema: true,
      tableTypes: false,
      keys: false,
      sqlInfo: true,
      xdbcTypeInfo: false,
    },
    table: 'inttable',
    column: 'keyname',
    placeholder: (n) => `$${n}`,
    catalog: null,
    tableType: 'table',
    foreignKeySequenceFrom: 1,
    serverName: /^RoAPI Flight SQL Server$/,
  },
);
