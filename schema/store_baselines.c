#include "schema/store_baselines.h"

#include <stdlib.h>
#include <string.h>

#include "schema/store_live_parts.h"

enum { OCTETS = 4 };

static uint8_t *encode(const float *hours, size_t count)
{
	uint8_t *bytes = malloc(count * OCTETS);
	for (size_t i = 0; bytes && i < count; i++) {
		uint32_t bits;
		memcpy(&bits, &hours[i], sizeof bits);
		for (size_t b = 0; b < OCTETS; b++)
			bytes[i * OCTETS + b] = (uint8_t)(bits >> (8 * b));
	}
	return bytes;
}

static void decode(const uint8_t *bytes, float *hours, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t bits = 0;
		for (size_t b = 0; b < OCTETS; b++)
			bits |= (uint32_t)bytes[i * OCTETS + b] << (8 * b);
		memcpy(&hours[i], &bits, sizeof bits);
	}
}

enum status store_baseline_put(struct store_live *live, const struct stored_baseline *b)
{
	sqlite3_stmt *statement = NULL;
	const enum status status = live_need_batch(live);
	uint8_t *bytes = status == OK ? encode(b->hours, b->hour_count) : NULL;
	if (status != OK)
		return status;
	if (!bytes)
		return ERR_NOMEM;
	if (sqlite3_prepare_v2(live_db(live),
	                       "INSERT OR REPLACE INTO alert_baseline (rule, scope, name, "
	                       "direction, codec, hours) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	                       -1, &statement, NULL) != SQLITE_OK) {
		free(bytes);
		return live_failed(live);
	}
	sqlite3_bind_text(statement, 1, b->rule, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 2, b->scope, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 3, b->name, -1, SQLITE_STATIC);
	sqlite3_bind_int(statement, 4, (int)b->direction);
	sqlite3_bind_text(statement, 5, b->codec, -1, SQLITE_STATIC);
	sqlite3_bind_blob(statement, 6, bytes, (int)(b->hour_count * OCTETS), free);
	const bool done = sqlite3_step(statement) == SQLITE_DONE;
	sqlite3_finalize(statement);
	return done ? OK : live_failed(live);
}

static const char *text_at(sqlite3_stmt *statement, int column)
{
	const char *text = (const char *)sqlite3_column_text(statement, column);
	return text ? text : "";
}

enum status store_baselines(struct store_live *live, size_t hour_count,
                            void (*hand)(void *self,
                                         const struct stored_baseline *baseline),
                            void *self)
{
	sqlite3_stmt *statement = NULL;
	float *hours = calloc(hour_count, sizeof *hours);
	if (!hours)
		return ERR_NOMEM;
	int code =
	        sqlite3_prepare_v2(live_db(live),
	                           "SELECT rule, scope, name, direction, codec, hours FROM "
	                           "alert_baseline",
	                           -1, &statement, NULL);
	while (code == SQLITE_OK || code == SQLITE_ROW) {
		code = sqlite3_step(statement);
		if (code != SQLITE_ROW ||
		    (size_t)sqlite3_column_bytes(statement, 5) != hour_count * OCTETS)
			continue;
		decode(sqlite3_column_blob(statement, 5), hours, hour_count);
		const struct stored_baseline b = {
			.rule = text_at(statement, 0),
			.scope = text_at(statement, 1),
			.name = text_at(statement, 2),
			.direction = (unsigned int)sqlite3_column_int(statement, 3),
			.codec = text_at(statement, 4),
			.hours = hours,
			.hour_count = hour_count,
		};
		hand(self, &b);
	}
	sqlite3_finalize(statement);
	free(hours);
	return code == SQLITE_DONE ? OK : live_failed(live);
}
