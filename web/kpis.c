/*
 * kpis.c - key performance indicators: ratios, delays, traffic and quality, by what they
 * are grouped.
 */
#include "web/handlers.h"

#include "web/display.h"
#include "web/kpi_rows.h"
#include "web/record_json.h"

struct asking {
	struct kpi_request request; /* borrows the filter */
	struct kpi_columns columns;
	struct filter *filter; /* owned */
};

static bool unknown_word(struct exchange *x, const char *parameter, enum kpi_word kind)
{
	return problem_in(x->problem, parameter, "bad-value", "one of %s is expected",
	                  kpi_words(kind));
}

static bool read_word(struct exchange *x, const char *parameter, enum kpi_word kind,
                      unsigned int *out)
{
	const struct text value = request_parameter(x->request, parameter);
	*out = value.at ? kpi_word_value(kind, value) : 0;
	return *out || !value.at || unknown_word(x, parameter, kind);
}

static bool read_lists(struct exchange *x, struct asking *a)
{
	const struct text by = request_parameter(x->request, "group_by");
	const struct text names = request_parameter(x->request, "kpi");
	struct text unknown;
	if (by.at && !kpi_read_by(by, &a->request.by, &unknown))
		return problem_in(x->problem, "group_by", "bad-value",
		                  "some of %s are expected, with commas",
		                  kpi_words(KPI_WORD_BY));
	if (a->request.by & KPI_BY_PEER && x->mask) {
		problem_in(x->problem, "group_by", "pii-needed",
		           "a peer may be a person: asking by it takes the right pii");
		x->problem->status = 403;
		return false;
	}
	if (!names.at)
		kpi_all_columns(&a->columns);
	else if (!kpi_read_columns(names, &a->columns, &unknown))
		return problem_in(
		        x->problem, "kpi", "bad-value",
		        "names of figures are expected, with commas, as asr,pdd_ms");
	return true;
}

static bool read_asking(struct exchange *x, struct asking *a)
{
	unsigned int step;
	unsigned int view;
	struct handler_times times = { x->request->now, NSTIME_NONE, NSTIME_NONE, false };
	*a = (struct asking){ .request = { .now = x->request->now, .bounded = true } };
	if (!read_word(x, "step", KPI_WORD_STEP, &step) ||
	    !read_word(x, "view", KPI_WORD_VIEW, &view) || !read_lists(x, a) ||
	    !handler_read_times(x, &times) ||
	    !handler_read_filter(x, RECORD_KPI, &a->filter))
		return false;
	a->request.from = times.from;
	a->request.to = times.to;
	a->request.step = (enum kpi_step)step;
	a->request.view = (enum kpi_view)view;
	a->request.filter = a->filter;
	kpi_request_columns(&a->request, &a->columns);
	const char *wrong = kpi_request_check(&a->request);
	return !wrong || problem_in(x->problem, "view", "bad-value", "%s", wrong);
}

/* What may still come behind the last row of a body. */
enum { BODY_REST = 64 << 10 };

static void add_row(struct exchange *x, const struct asking *a, const struct kpi_row *row,
                    bool first)
{
	struct buffer *to = &x->response->body;
	if (x->response->format == FORMAT_CSV) {
		kpi_add_csv(to, &a->request, &a->columns, row);
		return;
	}
	if (x->response->format == FORMAT_JSON && !first)
		buffer_add_char(to, ',');
	kpi_add_json(to, &a->request, &a->columns, row);
	if (x->response->format == FORMAT_LINES)
		buffer_add_char(to, '\n');
}

static void add_head(struct exchange *x, const struct asking *a,
                     const struct kpi_rows *rows)
{
	struct buffer *to = &x->response->body;
	buffer_add_char(to, '{');
	json_add_name(to, "view");
	display_json(to, text_from(kpi_word_of(KPI_WORD_VIEW, a->request.view)));
	json_add_name(to, "time_zone");
	display_json(to, text_from(rows->zone.name));
	json_add_time(to, "from", rows->from);
	json_add_time(to, "to", rows->to);
	json_add_time(to, "reached", rows->reached);
	json_add_name(to, "items");
	buffer_add_char(to, '[');
}

/* For who asks otherwise than in JSON. */
static void name_reached(struct response *response, nstime reached)
{
	struct buffer text = { 0 };
	display_time(&text, reached, 6);
	text_copy(response->reached, sizeof response->reached, buffer_text(&text));
	buffer_free(&text);
}

static void add_rows(struct exchange *x, const struct asking *a,
                     const struct kpi_rows *rows)
{
	struct buffer *to = &x->response->body;
	size_t i = 0;
	if (rows->reached != NSTIME_NONE)
		name_reached(x->response, rows->reached);
	if (x->response->format == FORMAT_JSON)
		add_head(x, a, rows);
	if (x->response->format == FORMAT_CSV)
		kpi_add_csv_header(to, &a->request, &a->columns);
	while (i < rows->count && to->len < RESPONSE_BODY_MAX - BODY_REST) {
		add_row(x, a, &rows->list[i], i == 0);
		i++;
	}
	if (x->response->format == FORMAT_JSON)
		buffer_format(to, "],\"truncated\":%s}\n",
		              i < rows->count || rows->reached != NSTIME_NONE ? "true"
		                                                              : "false");
}

bool handle_kpis(struct exchange *x)
{
	struct asking a;
	struct kpi_rows rows;
	bool done = read_asking(x, &a);
	if (done) {
		done = kpi_ask(x->query, &a.request, &rows) == OK;
		if (done)
			add_rows(x, &a, &rows);
		else
			handler_failed(x);
		kpi_rows_free(&rows);
	}
	filter_free(a.filter);
	return done;
}
