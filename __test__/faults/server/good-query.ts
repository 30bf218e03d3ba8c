/** The query that is answered well by every evil server. */
export const GOOD_QUERY = 'good';
