#include "schema/learnt.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "schema/query_rows.h"

enum { OCTETS = 4, RULES_MOST = 2 * LIMIT_RULES };

/* The 32 bits of an IEEE 754 number, the lowest first. */
static bool is_known(const uint8_t *octets)
{
	const uint32_t exponent = (uint32_t)(octets[3] & 0x7f) << 1 | octets[2] >> 7;
	const uint32_t fraction =
	        (uint32_t)(octets[2] & 0x7f) << 16 | (uint32_t)octets[1] << 8 | octets[0];
	return exponent != 0xff || fraction == 0;
}

/* Weeks by hour, in turn. */
static unsigned int add_subject(struct learnt *to, const uint8_t *hours)
{
	unsigned int enough = 0;
	to->subjects++;
	for (size_t hour = 0; hour < WEEK_HOURS; hour++) {
		unsigned int weeks = 0;
		for (size_t week = 0; week < RULE_WEEKS; week++)
			weeks += is_known(hours + (week * WEEK_HOURS + hour) * OCTETS);
		to->weeks = weeks > to->weeks ? weeks : to->weeks;
		enough += weeks >= RULE_WEEKS_LEAST;
	}
	return enough;
}

const struct learnt *learnt_of(const struct learnt *list, size_t count, const char *rule)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i].rule, rule) == 0)
			return &list[i];
	return NULL;
}

unsigned int learnt_missing_weeks(const struct learnt *learnt)
{
	const unsigned int weeks = learnt ? learnt->weeks : 0;
	return weeks < RULE_WEEKS_LEAST ? RULE_WEEKS_LEAST - weeks : 0;
}

enum status query_learnt(struct query *query, struct learnt **out, size_t *count)
{
	const int size = RULE_WEEKS * WEEK_HOURS * OCTETS;
	sqlite3_stmt *row = NULL;
	struct learnt *list = calloc(RULES_MOST, sizeof *list);
	struct learnt *last = NULL;
	*count = 0;
	*out = list;
	if (!list)
		return query_no_memory(query);
	int code = sqlite3_prepare_v2(
	        query->db, "SELECT rule, hours FROM alert_baseline ORDER BY rule", -1, &row,
	        NULL);
	while (code == SQLITE_OK || code == SQLITE_ROW) {
		code = sqlite3_step(row);
		const char *rule = code == SQLITE_ROW
		                           ? (const char *)sqlite3_column_text(row, 0)
		                           : NULL;
		if (!rule || sqlite3_column_bytes(row, 1) != size)
			continue; /* of another time */
		if (!last || strcmp(last->rule, rule) != 0) {
			if (*count == RULES_MOST)
				break;
			last = &list[(*count)++];
			text_copy(last->rule, sizeof last->rule, text_from(rule));
		}
		last->known_pct += add_subject(last, sqlite3_column_blob(row, 1));
	}
	sqlite3_finalize(row);
	for (size_t i = 0; i < *count; i++)
		list[i].known_pct *= 100 / ((double)list[i].subjects * WEEK_HOURS);
	return code == SQLITE_DONE || code == SQLITE_ROW ? OK : query_failed(query);
}
