#include "schema/query.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/buffers.h"
#include "schema/field_text.h"
#include "schema/query_rows.h"
#include "schema/utf8.h"

enum { ID_DIGITS = 16, FIRST_FIELD = 1 /* column 0 is the run */, RECORD_NAME_MAX = 32 };

enum status query_open(const char *path, struct query **out, struct db_error *error)
{
	struct query *query = calloc(1, sizeof *query);
	if (!query || !(query->path = strdup(path))) {
		free(query);
		snprintf(error->text, sizeof error->text, "%s: out of memory", path);
		return ERR_NOMEM;
	}
	enum status status = db_open_read(path, &query->db, error);
	if (status == OK && filter_register(query->db) != SQLITE_OK)
		status = db_failed(query->db, path, error);
	if (status == OK && query_confine(query) != SQLITE_OK)
		status = db_failed(query->db, path, error);
	if (status != OK) {
		query_close(query);
		return status;
	}
	*out = query;
	return OK;
}

void query_close(struct query *query)
{
	if (!query)
		return;
	db_close(query->db);
	message_unpacker_free(query->unpacker);
	free(query->path);
	free(query);
}

const char *query_error(const struct query *query)
{
	return query->error.text;
}

enum status query_failed(struct query *query)
{
	return db_failed(query->db, query->path, &query->error);
}

void query_look_through(struct query *query, const struct query_lens *lens)
{
	query->lens = *lens;
}

sqlite3 *query_db(const struct query *query)
{
	return query->db;
}

enum status query_no_memory(struct query *query)
{
	snprintf(query->error.text, sizeof query->error.text, "%s: out of memory",
	         query->path);
	return ERR_NOMEM;
}

/*
 * The messages out of the ladders of legs (001_calls.sql).  Not a view: with an untrusted
 * schema SQLite 3.40 takes its own JSON functions for unsafe in one.
 */
#define ELEMENT(n) "json_extract(m.value, '$[" #n "]')"
#define ENDPOINT(n)                                                                        \
	"CASE " ELEMENT(n) " WHEN 0 THEN json_extract(l.ladder, '$[0][3]') "               \
	                   "WHEN 1 THEN json_extract(l.ladder, '$[0][4]') ELSE " ELEMENT(  \
	                           n) " END"
static const char messages_of_ladders[] = "WITH message AS (SELECT m.key AS seq, l.run, " ELEMENT(
        0) " AS id, l.id AS leg, "
           "l.call, " ELEMENT(1) " AS at, " ELEMENT(2) " AS frame, " ENDPOINT(3) " AS src, " ENDPOINT(4) " AS dst, nullif(" ELEMENT(5) ", '') AS transport, " ELEMENT(
                   6) " AS summary, " ELEMENT(7) " AS cseq, " ELEMENT(8) " AS retransmission, " ELEMENT(9) " AS sdp, " ELEMENT(10) " AS length, r.raw "
                                                                                                                                   "FROM leg AS l, json_each(l.ladder) AS m "
                                                                                                                                   "LEFT JOIN message_raw AS r ON r.message = " ELEMENT(
                                                                                                                                           0) " AND r.run = l.run) ";

/* What a record carries beside its fields. */
static const char *tail_column(enum record_kind kind)
{
	return kind == RECORD_MESSAGE  ? ", raw"
	       : kind == RECORD_STREAM ? ", timeline"
	       : kind == RECORD_KPI    ? ", bins"
	                               : "";
}

/* SELECT first, fields FROM source AS t, and `tail`. */
static char *compose_select(enum record_kind kind, const char *first, const char *source,
                            const char *tail)
{
	char *sql = NULL;
	size_t len = 0;
	const struct field_table table = record_fields(kind);
	FILE *out = open_memstream(&sql, &len);
	if (!out)
		return NULL;
	fprintf(out, "%sSELECT %s", kind == RECORD_MESSAGE ? messages_of_ladders : "",
	        first);
	for (size_t i = 0; i < table.count; i++)
		fprintf(out, ", \"%s\"", table.fields[i].name);
	fprintf(out, "%s FROM %s AS t %s", tail_column(kind), source, tail);
	const bool whole = !ferror(out);
	if (fclose(out) == 0 && whole)
		return sql;
	free(sql);
	return NULL;
}

enum status query_select(struct query *query, enum record_kind kind, const char *tail,
                         struct rows *out)
{
	char source[RECORD_NAME_MAX];
	snprintf(source, sizeof source, "\"%s\"", record_kind_names[kind]);
	return query_select_from(query, kind, source, tail, out);
}

static enum status prepare(struct query *query, enum record_kind kind, const char *first,
                           const char *source, const char *tail, struct rows *out)
{
	char *sql = compose_select(kind, first, source, tail);
	*out = (struct rows){ .query = query, .kind = kind };
	if (!sql)
		return query_no_memory(query);
	const int code = sqlite3_prepare_v2(query->db, sql, -1, &out->statement, NULL);
	free(sql);
	return code == SQLITE_OK ? OK : query_failed(query);
}

enum status query_select_from(struct query *query, enum record_kind kind,
                              const char *source, const char *tail, struct rows *out)
{
	return prepare(query, kind, "run", source, tail, out);
}

enum status query_select_places(struct query *query, enum record_kind kind,
                                const char *tail, struct rows *out)
{
	char source[RECORD_NAME_MAX];
	snprintf(source, sizeof source, "\"%s\"", record_kind_names[kind]);
	const enum status status = prepare(query, kind, "seq", source, tail, out);
	out->walk = true;
	return status;
}

static struct text column_text(sqlite3_stmt *row, int column)
{
	const void *bytes = sqlite3_column_blob(row, column);
	return (struct text){ bytes, (size_t)sqlite3_column_bytes(row, column) };
}

/* "198.18.0.1:4000", or an address alone. */
static void read_endpoint(struct text t, const struct field *field, struct record *record)
{
	struct endpoint *to = (struct endpoint *)((char *)record + field->offset);
	struct endpoint e = { 0 };
	if (field->type == FIELD_ADDRESS ? address_parse(t, &e.address) == OK
	                                 : endpoint_parse(t, &e) == OK)
		*to = e;
}

static nstime time_of(int64_t us)
{
	const int64_t limit = INT64_MAX / NS_PER_US;
	return us > limit || us < -limit ? NSTIME_NONE : us * NS_PER_US;
}

/* A value that is not NULL, whatever type the file says it has: SQLite converts. */
static void read_field(sqlite3_stmt *row, int column, const struct field *field,
                       struct record *record)
{
	void *value = (char *)record + field->offset;
	switch (field->type) {
	case FIELD_ID:
	case FIELD_COUNT:
	case FIELD_NUMBER:
		*(uint64_t *)value = (uint64_t)sqlite3_column_int64(row, column);
		break;
	case FIELD_TEXT:
		text_copy((char *)record + field->offset, field->size,
		          column_text(row, column));
		break;
	case FIELD_TIME:
		*(nstime *)value = time_of(sqlite3_column_int64(row, column));
		break;
	case FIELD_ENDPOINT:
	case FIELD_ADDRESS:
		read_endpoint(column_text(row, column), field, record);
		break;
	case FIELD_REAL:
		*(double *)value = sqlite3_column_double(row, column);
		break;
	case FIELD_NAME:
		*(unsigned int *)value = field_name_index(field, column_text(row, column));
		break;
	case FIELD_CODEC:
		*(enum codec *)value = codec_by_name(column_text(row, column), 0);
		break;
	case FIELD_FLAG:
		*(bool *)value = sqlite3_column_int(row, column) != 0;
		break;
	case FIELD_SSRC:
		*(uint32_t *)value = (uint32_t)sqlite3_column_int64(row, column);
		break;
	case FIELD_SSRC_IF:
		*(int64_t *)value = (uint32_t)sqlite3_column_int64(row, column);
		break;
	case FIELD_FLAGS:
	case FIELD_IDS:
	case FIELD_CODECS:
	case FIELD_PAYLOAD_TYPES:
	case FIELD_HISTOGRAM:
		field_parse_list(field, column_text(row, column), record);
		break;
	case FIELD_BUFFERS:
		buffers_unpack(text_bytes(column_text(row, column)), value);
		break;
	}
}

static void read_record(sqlite3_stmt *row, enum record_kind kind, struct record *out)
{
	const struct field_table table = record_fields(kind);
	record_clear(out, kind);
	for (size_t i = 0; i < table.count; i++) {
		const int column = FIRST_FIELD + (int)i;
		/* A count that is NULL is 0, which needs no look of its own. */
		if (table.fields[i].type == FIELD_COUNT ||
		    sqlite3_column_type(row, column) != SQLITE_NULL)
			read_field(row, column, &table.fields[i], out);
	}
	/* One name may stand for several codecs, which differ in their clocks. */
	if (kind == RECORD_STREAM && out->stream.codec != CODEC_UNKNOWN)
		out->stream.codec = codec_by_name(text_from(codec_name(out->stream.codec)),
		                                  (uint32_t)out->stream.clock_hz);
	if (tail_column(kind)[0])
		out->tail = text_bytes(column_text(row, FIRST_FIELD + (int)table.count));
}

static enum status unpack(struct query *query, struct record *message)
{
	if (!message->tail.len)
		return OK;
	if (!query->unpacker && message_unpacker_new(&query->unpacker) != OK)
		return query_no_memory(query);
	message->tail = message_unpack(query->unpacker, message->tail);
	return OK;
}

enum status rows_next(struct rows *rows, struct record *out)
{
	const int code = sqlite3_step(rows->statement);
	if (code == SQLITE_DONE)
		return ERR_NOT_FOUND;
	if (code != SQLITE_ROW)
		return query_failed(rows->query);
	*(rows->walk ? &rows->place : &rows->run) =
	        sqlite3_column_int64(rows->statement, 0);
	read_record(rows->statement, rows->kind, out);
	const enum status status =
	        rows->kind == RECORD_MESSAGE ? unpack(rows->query, out) : OK;
	if (status == OK && rows->query->lens.change)
		rows->query->lens.change(rows->query->lens.self, out);
	return status;
}

void rows_end(struct rows *rows)
{
	sqlite3_finalize(rows->statement);
	rows->statement = NULL;
}

enum status query_of_call(struct query *query, enum record_kind kind, uint64_t call,
                          int64_t run, struct rows *out)
{
	static const char while_it_lasted[] =
	        "WHERE run = ?2 AND EXISTS (SELECT 1 FROM leg WHERE leg.call = ?1 "
	        "AND leg.run = ?2 AND (t.peer IN (leg.src, leg.dst) OR "
	        "t.backup = leg.dst) AND (t.ended IS NULL OR t.ended >= leg.start) "
	        "AND t.began <= coalesce(leg.ended, leg.start)) ORDER BY began, seq";
	static const char *const tails[RECORD_KIND_COUNT] = {
		[RECORD_LEG] = "WHERE call = ?1 AND run = ?2 ORDER BY start, seq",
		[RECORD_STREAM] = "WHERE call = ?1 AND run = ?2 ORDER BY first, seq",
		[RECORD_FINDING] = "WHERE call = ?1 AND run = ?2 ORDER BY rank, seq",
		[RECORD_REPORT] = "WHERE call = ?1 AND run = ?2 ORDER BY at, seq",
		[RECORD_EVENT] = while_it_lasted,
		[RECORD_MESSAGE] =
		        "WHERE call = ?1 AND run = ?2 ORDER BY at, seq LIMIT 10000",
	};
	static_assert(QUERY_MESSAGES_MAX == 10000, "as the limit above says");
	const enum status status = query_select(query, kind, tails[kind], out);
	if (status == OK &&
	    (sqlite3_bind_int64(out->statement, 1, (int64_t)call) != SQLITE_OK ||
	     sqlite3_bind_int64(out->statement, 2, run) != SQLITE_OK))
		return query_failed(query);
	return status;
}

static enum status select_by_id(struct query *query, enum record_kind kind,
                                const char *tail, const struct found *found,
                                struct rows *out)
{
	const enum status status = query_select(query, kind, tail, out);
	if (status == OK &&
	    (sqlite3_bind_int64(out->statement, 1, (int64_t)found->id) != SQLITE_OK ||
	     sqlite3_bind_int64(out->statement, 2, found->run) != SQLITE_OK))
		return query_failed(query);
	return status;
}

enum status query_one(struct query *query, const struct found *found, struct rows *out)
{
	return select_by_id(query, found->kind, "WHERE id = ?1 AND run = ?2", found, out);
}

enum status query_read(struct query *query, const struct found *found, struct record *out)
{
	struct rows rows;
	enum status status = query_one(query, found, &rows);
	if (status == OK)
		status = rows_next(&rows, out);
	rows_end(&rows);
	out->tail = (struct span){ 0 };
	return status;
}

enum status query_reports_of_stream(struct query *query, const struct found *stream,
                                    struct rows *out)
{
	return select_by_id(query, RECORD_REPORT,
	                    "WHERE stream = ?1 AND run = ?2 ORDER BY at, seq", stream, out);
}

/* Rows of (kind, id, call, run); how the names are found. */
struct search {
	struct found *found;
	size_t max, count;
};

static enum status collect(struct query *query, sqlite3_stmt *statement,
                           struct search *search)
{
	int code;
	while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
		if (search->count == search->max)
			return OK;
		search->found[search->count++] = (struct found){
			.kind = (enum record_kind)sqlite3_column_int(statement, 0),
			.id = (uint64_t)sqlite3_column_int64(statement, 1),
			.call = (uint64_t)sqlite3_column_int64(statement, 2),
			.run = sqlite3_column_int64(statement, 3),
		};
	}
	return code == SQLITE_DONE ? OK : query_failed(query);
}

/* Calls of a SIP Call-ID: ?1 the kind to answer, ?2 the Call-ID. */
static enum status find_sip_call_id(struct query *query, const char *name,
                                    struct search *search)
{
	static const char sql[] = "SELECT ?1, call, call, max(run) FROM leg "
	                          "WHERE sip_call_id = ?2 AND call IS NOT NULL "
	                          "GROUP BY call ORDER BY min(start)";
	sqlite3_stmt *statement = NULL;
	const struct text t = text_from(name);
	int code = sqlite3_prepare_v2(query->db, sql, -1, &statement, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int(statement, 1, RECORD_CALL);
	if (code == SQLITE_OK)
		code = utf8_valid(t) ? sqlite3_bind_text(statement, 2, t.at, (int)t.len,
		                                         SQLITE_STATIC)
		                     : sqlite3_bind_blob(statement, 2, t.at, (int)t.len,
		                                         SQLITE_STATIC);
	const enum status status =
	        code == SQLITE_OK ? collect(query, statement, search) : query_failed(query);
	sqlite3_finalize(statement);
	return status;
}

/*
 * The ids that begin with these hexadecimal digits.  The bounds differ in their low bits
 * alone, so that they are in order as signed numbers too.
 */
static bool id_range(struct text t, int64_t *first, int64_t *last)
{
	uint32_t high = 0;
	uint32_t low = 0;
	const struct text rest = text_skip(t, 8);
	if (t.len == 0 || t.len > ID_DIGITS || text_find(t, 'x') < t.len ||
	    text_find(t, 'X') < t.len || text_hex32(text_head(t, 8), &high) != OK ||
	    (rest.len > 0 && text_hex32(rest, &low) != OK))
		return false;
	const unsigned int missing = (unsigned int)(ID_DIGITS - t.len) * 4;
	uint64_t number = rest.len > 0 ? (uint64_t)high << 4 * rest.len | low : high;
	number <<= missing;
	*first = (int64_t)number;
	*last = (int64_t)(number | (missing ? UINT64_MAX >> (64 - missing) : 0));
	return true;
}

static enum status find_id(struct query *query, struct text name, struct search *search)
{
	static const char sql[] =
	        "SELECT ?1, id, id, max(run) FROM call WHERE id BETWEEN ?4 AND ?5 GROUP BY id "
	        "UNION ALL SELECT ?2, id, call, max(run) FROM leg WHERE id BETWEEN ?4 AND ?5 "
	        "GROUP BY id UNION ALL SELECT ?3, id, call, max(run) FROM stream "
	        "WHERE id BETWEEN ?4 AND ?5 GROUP BY id";
	const int64_t kinds[] = { RECORD_CALL, RECORD_LEG, RECORD_STREAM };
	int64_t bounds[2];
	sqlite3_stmt *statement = NULL;
	if (!id_range(name, &bounds[0], &bounds[1]))
		return OK;
	int code = sqlite3_prepare_v2(query->db, sql, -1, &statement, NULL);
	for (int i = 0; code == SQLITE_OK && i < 3; i++)
		code = sqlite3_bind_int64(statement, 1 + i, kinds[i]);
	for (int i = 0; code == SQLITE_OK && i < 2; i++)
		code = sqlite3_bind_int64(statement, 4 + i, bounds[i]);
	const enum status status =
	        code == SQLITE_OK ? collect(query, statement, search) : query_failed(query);
	sqlite3_finalize(statement);
	return status;
}

enum status query_find(struct query *query, const char *name, struct found *found,
                       size_t max, size_t *count)
{
	struct search search = { .found = found, .max = max };
	enum status status = find_sip_call_id(query, name, &search);
	if (status == OK && search.count == 0)
		status = find_id(query, text_from(name), &search);
	*count = search.count;
	return status;
}
