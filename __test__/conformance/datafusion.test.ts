import { startDataFusion } from '../servers/datafusion.js';
import { foreignConformance } from './foreign-server.js';

foreignConformance(
  { title: 'DataFusion', name: 'datafusion', start: startDataFusion },
  {
    supports: {
      updates: false,
      prepared: true,
      parameters: true,
      overlappingRuns: true,
      parameterSchema: true,
      ingest: false,
      poll: false,
      cancel: false,
      renew: false,
      sessions: false,
      transactions: false,
      savepoints: false,
      executeSchema: true,
      metadataSchema: true,
      tableTypes: true,
      keys: false,
      sqlInfo: false,
      xdbcTypeInfo: false,
    },
    table: 'inttable',
    column: 'keyname',
    placeholder: (n) => `$${n}`,
    catalog: 'datafusion',
    tableType: 'Base',
    foreignKeySequenceFrom: 1,
    serverName: /./,
  },
);
