#include "probe/alert_replay.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* One list being read, and its next record. */
struct source_rows {
	struct rows rows;
	struct record record;
	nstime at;
	bool done;
};

enum { SOURCES = 10 };

static nstime time_of(const struct record *record)
{
	switch (record->kind) {
	case RECORD_KPI:
		return record->kpi.key.start + KPI_MINUTE_S * NS_PER_SEC;
	case RECORD_STREAM:
		return record->stream.last;
	case RECORD_LEG:
		return record->leg.start;
	case RECORD_REGISTRATION:
		return record->registration.at;
	case RECORD_BINDING:
		return record->binding.last;
	case RECORD_EVENT:
		return record->event.detected;
	case RECORD_OBSERVATION:
		return record->observation.detected;
	default:
		return record->finding.at;
	}
}

static enum status next(struct source_rows *source)
{
	const enum status status = rows_next(&source->rows, &source->record);
	source->done = status != OK;
	if (status == OK)
		source->record.at = source->at = time_of(&source->record);
	return status == ERR_NOT_FOUND ? OK : status;
}

static enum status open_list(struct query *query, enum record_kind kind, const char *sort,
                             struct source_rows *out)
{
	const struct query_list list = {
		.kind = kind,
		.limit = INT64_MAX,
		.sort = query_sort_field(kind, text_from(sort)),
		.ascending = true,
	};
	return query_list(query, &list, &out->rows);
}

static enum status open_all(struct query *query, struct source_rows sources[SOURCES])
{
	static const struct {
		enum record_kind kind;
		const char *sort;
	} lists[] = {
		{ RECORD_STREAM, "last" },     { RECORD_LEG, "start" },
		{ RECORD_REGISTRATION, "at" }, { RECORD_BINDING, "last" },
		{ RECORD_EVENT, "detected" },  { RECORD_OBSERVATION, "detected" },
		{ RECORD_FINDING, "at" },
	};
	static const enum kpi_view views[] = { KPI_VIEW_LEG, KPI_VIEW_TRUNK,
		                               KPI_VIEW_CALL };
	static_assert(ARRAY_LEN(lists) + ARRAY_LEN(views) == SOURCES, "room for all");
	enum status status = OK;
	size_t count = 0;
	for (size_t i = 0; i < ARRAY_LEN(views) && status == OK; i++) {
		const struct kpi_span span = { .view = views[i],
			                       .from = NSTIME_NONE,
			                       .to = NSTIME_NONE };
		status = query_kpis(query, &span, &sources[count++].rows);
	}
	for (size_t i = 0; i < ARRAY_LEN(lists) && status == OK; i++)
		status = open_list(query, lists[i].kind, lists[i].sort, &sources[count++]);
	for (size_t i = 0; i < count && status == OK; i++)
		status = next(&sources[i]);
	return status;
}

enum status alert_replay(struct query *query, struct rules *rules)
{
	struct source_rows sources[SOURCES] = { 0 };
	enum status status = open_all(query, sources);
	while (status == OK) {
		struct source_rows *first = NULL;
		for (size_t i = 0; i < SOURCES; i++)
			if (!sources[i].done && (!first || sources[i].at < first->at))
				first = &sources[i];
		if (!first)
			break;
		if (first->at != NSTIME_NONE)
			rules_record(rules, &first->record);
		status = next(first);
	}
	for (size_t i = 0; i < SOURCES; i++)
		rows_end(&sources[i].rows);
	if (status == OK)
		rules_finish(rules);
	return status;
}

bool alert_is_database(const char *path)
{
	static const char magic[] = "SQLite format 3"; /* with its NUL */
	char begin[sizeof magic] = "";
	FILE *file = strcmp(path, "-") == 0 ? NULL : fopen(path, "re");
	const bool is = file && fread(begin, sizeof magic, 1, file) == 1 &&
	                memcmp(begin, magic, sizeof magic) == 0;
	if (file)
		fclose(file);
	return is;
}
