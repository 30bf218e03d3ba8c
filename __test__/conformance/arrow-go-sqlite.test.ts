import { startArrowGoSqlite } from '../servers/arrow-go-sqlite.js';
import { foreignConformance } from './foreign-server.js';

foreignConformance(
  { title: "arrow-go's SQLite server", name: 'arrow-go-sqlite', start: startArrowGoSqlite },
  {
    supports: {
      updates: true,
      prepared: true,
      parameters: true,
      overlappingRuns: true,
      parameterSchema: false,
      ingest: false,
      poll: false,
      cancel: false,
      renew: false,
      sessions: false,
      transactions: true,
      savepoints: false,
      executeSchema: false,
      metadataSchema: true,
      tableTypes: true,
      keys: true,
      sqlInfo: true,
      xdbcTypeInfo: true,
    },
    table: 'intTable',
    column: 'keyName',
    placeholder: () => '?',
    catalog: null,
    tableType: 'table',
    foreignKeySequenceFrom: 0,
    serverName: /db_name/,
  },
);
