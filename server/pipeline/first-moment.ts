import { type RawBuilder, sql } from "kysely";

/** When a time of so many days began, as SQL: today in UTC counts as one. */
export const firstMoment = (days: number): RawBuilder<Date> =>
	sql<Date>`date_trunc('day', now() at time zone 'utc') at time zone 'utc' - make_interval(days => ${days - 1})`;
