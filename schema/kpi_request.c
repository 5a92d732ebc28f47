#include "schema/kpi_request.h"

#include <assert.h>

/* Does the filter speak of whose an end is?  Then it takes a view that knows it, too. */
static unsigned int filtered_by(const struct filter *filter)
{
	static const struct {
		const char *field;
		unsigned int by;
	} ends[] = { { "trunk", KPI_BY_TRUNK },
		     { "site", KPI_BY_SITE },
		     { "direction", KPI_BY_DIRECTION },
		     { "peer", KPI_BY_PEER } };
	unsigned int by = 0;
	for (size_t i = 0; filter && i < ARRAY_LEN(ends); i++)
		by |= filter_names(filter, ends[i].field) ? ends[i].by : 0;
	return by;
}

const char *kpi_request_check(struct kpi_request *request)
{
	const unsigned int by = request->by | filtered_by(request->filter);
	const bool of_trunks = by & (KPI_BY_TRUNK | KPI_BY_DIRECTION | KPI_BY_SITE);
	if (request->view == KPI_VIEW_NONE)
		request->view = by & KPI_BY_PEER ? KPI_VIEW_PEER
		                : of_trunks      ? KPI_VIEW_TRUNK
		                                 : KPI_VIEW_LEG;
	if (request->view == KPI_VIEW_LEG && (of_trunks || by & KPI_BY_PEER))
		return "view leg counts each leg once, whatever its trunks and peers: leave it "
		       "out to group or filter by trunk, site, peer or direction";
	if (request->view == KPI_VIEW_TRUNK && by & KPI_BY_PEER)
		return "view trunk knows no peer that is of no trunk: leave it out to group "
		       "or filter by peer";
	return NULL;
}

void kpi_request_columns(struct kpi_request *request, const struct kpi_columns *columns)
{
	request->no_peaks = true;
	for (size_t i = 0; i < columns->count; i++) {
		if (kpi_form_is_peak(columns->list[i]->form))
			request->no_peaks = false;
	}
}

bool kpi_request_is_by_end(const struct kpi_request *request)
{
	return request->by & (KPI_BY_CODEC | KPI_BY_CODE) ||
	       (request->filter && (filter_names(request->filter, "codec") ||
	                            filter_names(request->filter, "status")));
}

/* --- words ---------------------------------------------------------------------------- */

struct word {
	const char *name;
	unsigned int value;
};

static const struct word by_words[] = {
	{ "trunk", KPI_BY_TRUNK },   { "site", KPI_BY_SITE },
	{ "peer", KPI_BY_PEER },     { "direction", KPI_BY_DIRECTION },
	{ "prefix", KPI_BY_PREFIX }, { "codec", KPI_BY_CODEC },
	{ "code", KPI_BY_CODE },     { "hour-of-week", KPI_BY_HOUR_OF_WEEK },
};
static const struct word step_words[] = {
	{ "minute", KPI_STEP_MINUTE },
	{ "hour", KPI_STEP_HOUR },
	{ "day", KPI_STEP_DAY },
};
static const struct word view_words[] = {
	{ "leg", KPI_VIEW_LEG },
	{ "trunk", KPI_VIEW_TRUNK },
	{ "peer", KPI_VIEW_PEER },
	{ "call", KPI_VIEW_CALL },
};

static const struct {
	const struct word *list;
	size_t count;
	const char *all;
} words[KPI_WORD_COUNT] = {
	[KPI_WORD_BY] = { by_words, ARRAY_LEN(by_words),
	                  "trunk, site, peer, direction, prefix, codec, code, "
	                  "hour-of-week" },
	[KPI_WORD_STEP] = { step_words, ARRAY_LEN(step_words), "minute, hour, day" },
	[KPI_WORD_VIEW] = { view_words, ARRAY_LEN(view_words), "leg, trunk, peer, call" },
};

unsigned int kpi_word_value(enum kpi_word kind, struct text word)
{
	for (size_t i = 0; i < words[kind].count; i++) {
		if (text_equal(word, text_from(words[kind].list[i].name)))
			return words[kind].list[i].value;
	}
	return 0;
}

const char *kpi_words(enum kpi_word kind)
{
	return words[kind].all;
}

const char *kpi_word_of(enum kpi_word kind, unsigned int value)
{
	for (size_t i = 0; i < words[kind].count; i++) {
		if (words[kind].list[i].value == value)
			return words[kind].list[i].name;
	}
	return "";
}

/* Behind the last comma stands a name, too. */
static bool ends_open(struct text list, struct text *unknown)
{
	*unknown = text_skip(list, list.len);
	return list.len > 0 && list.at[list.len - 1] == ',';
}

bool kpi_read_by(struct text list, unsigned int *by, struct text *unknown)
{
	if (ends_open(list, unknown))
		return false;
	do {
		*unknown = text_cut(&list, ',');
		const unsigned int value = kpi_word_value(KPI_WORD_BY, *unknown);
		if (!value)
			return false;
		*by |= value;
	} while (list.len > 0);
	return true;
}

bool kpi_read_columns(struct text list, struct kpi_columns *columns, struct text *unknown)
{
	if (ends_open(list, unknown))
		return false;
	do {
		*unknown = text_cut(&list, ',');
		const struct kpi_definition *d = kpi_definition_find(*unknown);
		if (!d || columns->count == KPI_COLUMNS_MAX)
			return false;
		columns->list[columns->count++] = d;
	} while (list.len > 0);
	return true;
}

void kpi_all_columns(struct kpi_columns *columns)
{
	columns->count = 0;
	for (size_t i = 0; i < kpi_definition_count; i++) {
		assert(columns->count < KPI_COLUMNS_MAX);
		columns->list[columns->count++] = &kpi_definitions[i];
	}
}
