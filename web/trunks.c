/*
 * trunks.c - the trunks of the configuration: what is said of each, how its peers stand,
 * and what it carried; of one of them by code, by hour of the week, and beside those that
 * stand in for it.
 */
#include "web/handlers.h"

#include <stdlib.h>
#include <string.h>

#include "schema/trunk_rows.h"
#include "web/display.h"
#include "web/kpi_rows.h"
#include "web/record_json.h"

/* What may still come behind the last item of a body; peers looked at. */
enum { BODY_REST = 64 << 10, PEERS_MAX = 10000 };
#define HOUR_NS (3600 * NS_PER_SEC)
#define MINUTE_NS (KPI_MINUTE_S * NS_PER_SEC)

/* --- the question --------------------------------------------------------------------- */

/* Without `from` the last `length` of which there is data. */
static bool read_time(struct exchange *x, nstime length, struct kpi_request *out)
{
	struct handler_times times = { x->request->now, NSTIME_NONE, NSTIME_NONE, false };
	struct kpi_span span = { .view = KPI_VIEW_TRUNK };
	if (!handler_read_times(x, &times))
		return false;
	*out = (struct kpi_request){ .view = KPI_VIEW_TRUNK,
		                     .by = KPI_BY_TRUNK,
		                     .from = times.from,
		                     .to = times.to,
		                     .now = x->request->now };
	if (times.from != NSTIME_NONE)
		return true;
	span.from = NSTIME_NONE;
	span.to = times.to;
	const enum status status = query_kpi_span(x->query, &span);
	if (status == OK)
		out->from = span.last + MINUTE_NS - length;
	return status == OK || status == ERR_NOT_FOUND || handler_failed(x);
}

static void add_quoted(struct buffer *to, const char *name)
{
	buffer_add_char(to, '"');
	for (; *name; name++) {
		if (*name == '"' || *name == '\\')
			buffer_add_char(to, '\\');
		buffer_add_char(to, *name);
	}
	buffer_add_char(to, '"');
}

/* Those trunks; the caller frees it. */
static bool make_filter(struct exchange *x, const struct trunk *const *trunks, size_t count,
                        struct filter **out)
{
	struct buffer text = { 0 };
	struct filter_error error;
	buffer_add_string(&text, "trunk in (");
	for (size_t i = 0; i < count; i++) {
		if (i)
			buffer_add_char(&text, ',');
		add_quoted(&text, trunks[i]->name);
	}
	buffer_add_char(&text, ')');
	const bool made = !text.failed &&
	                  filter_parse(buffer_text(&text), RECORD_KPI, out, &error) == OK;
	buffer_free(&text);
	return made || handler_failed(x);
}

/* --- one trunk ------------------------------------------------------------------------ */

/* How many of its addresses stand how. */
struct standing {
	uint64_t of[PEER_STATE_COUNT];
};

static enum status count_peers(struct exchange *x, const struct trunk_rows *trunks,
                               struct standing *out)
{
	const struct query_list list = { .kind = RECORD_PEER,
		                         .now = x->request->now,
		                         .limit = PEERS_MAX };
	struct record record;
	struct rows rows;
	enum status status = query_list(x->query, &list, &rows);
	while (status == OK && (status = rows_next(&rows, &record)) == OK) {
		const struct trunk *trunk =
		        trunk_rows_find(trunks, text_from(record.peer.trunk));
		if (trunk && record.peer.state < PEER_STATE_COUNT)
			out[trunk - trunks->list].of[record.peer.state]++;
	}
	rows_end(&rows);
	return status == ERR_NOT_FOUND ? OK : status;
}

static const struct kpi_row *row_of(const struct kpi_rows *rows, const struct trunk *trunk)
{
	for (size_t i = 0; i < rows->count; i++) {
		if (strcmp(rows->list[i].key.trunk, trunk->name) == 0)
			return &rows->list[i];
	}
	return NULL;
}

static void add_trunk(struct buffer *to, const struct trunk *trunk,
                      const struct standing *standing, const struct kpi_request *request,
                      const struct kpi_rows *rows)
{
	static const char *const names[PEER_STATE_COUNT] = { "peers_unknown", "peers_up",
		                                             "peers_down",
		                                             "peers_refusing" };
	const struct kpi_row *row = row_of(rows, trunk);
	struct kpi_columns columns;
	kpi_all_columns(&columns);
	buffer_add(to, TEXT("{\"kind\":\"trunk\""));
	json_add_text(to, "name", trunk->name);
	json_add_text(to, "site", trunk->site);
	json_add_text(to, "role", trunk_role_names[trunk->role]);
	json_add_text(to, "type", trunk_type_names[trunk->type]);
	json_add_text(to, "group", trunk->group);
	json_add_text(to, "redundancy", trunk_redundancy_names[trunk->redundancy]);
	json_add_name(to, "priority");
	buffer_add_number(to, trunk->priority);
	json_add_name(to, "channels");
	if (trunk->channels)
		buffer_add_number(to, trunk->channels);
	else
		buffer_add(to, TEXT("null"));
	for (size_t i = 0; i < PEER_STATE_COUNT; i++) {
		json_add_count(to, names[i], standing->of[i]);
	}
	json_add_name(to, "kpis");
	if (row)
		kpi_add_json(to, request, &columns, row);
	else
		buffer_add(to, TEXT("null"));
	buffer_add_char(to, '}');
}

/* --- all of them ---------------------------------------------------------------------- */

static void add_items(struct exchange *x, const struct trunk_rows *trunks,
                      const struct standing *standing, const struct kpi_request *request,
                      const struct kpi_rows *rows)
{
	struct buffer *to = &x->response->body;
	const bool whole = x->response->format == FORMAT_JSON;
	size_t i = 0;
	if (whole) {
		buffer_add_char(to, '{');
		json_add_time(to, "from", rows->from);
		json_add_time(to, "to", rows->to);
		json_add_name(to, "items");
		buffer_add_char(to, '[');
	}
	for (; i < trunks->count && to->len < RESPONSE_BODY_MAX - BODY_REST; i++) {
		if (whole && i > 0)
			buffer_add_char(to, ',');
		add_trunk(to, &trunks->list[i], &standing[i], request, rows);
		if (!whole)
			buffer_add_char(to, '\n');
	}
	if (whole)
		buffer_format(to, "],\"truncated\":%s}\n",
		              i < trunks->count ? "true" : "false");
}

bool handle_trunks(struct exchange *x)
{
	struct kpi_request request;
	struct trunk_rows trunks = { 0 };
	struct kpi_rows rows = { .from = NSTIME_NONE };
	struct standing *standing = NULL;
	if (!read_time(x, HOUR_NS, &request))
		return false;
	enum status status = trunk_rows_read(x->query, &trunks);
	if (status == OK && !(standing = calloc(trunks.count + 1, sizeof *standing)))
		status = ERR_NOMEM;
	if (status == OK)
		status = count_peers(x, &trunks, standing);
	if (status == OK)
		status = kpi_ask(x->query, &request, &rows);
	if (status == OK)
		add_items(x, &trunks, standing, &request, &rows);
	kpi_rows_free(&rows);
	free(standing);
	trunk_rows_free(&trunks);
	return status == OK || handler_failed(x);
}

/* --- one of them, in detail ----------------------------------------------------------- */

struct detail {
	const struct trunk *trunk; /* borrowed */
	struct kpi_request request;
	bool truncated;
};

/* `"name":[...]`, rows of KPIs of those trunks, told apart by something else. */
static enum status add_rows(struct exchange *x, struct detail *d, const char *name,
                            unsigned int by, const char *figures)
{
	struct buffer *to = &x->response->body;
	struct kpi_request request = d->request;
	struct kpi_columns columns = { .count = 0 };
	struct kpi_rows rows;
	struct text unknown;
	size_t i = 0;
	request.by = KPI_BY_TRUNK | by;
	if (!kpi_read_columns(text_from(figures), &columns, &unknown))
		return ERR_UNSUPPORTED;
	kpi_request_columns(&request, &columns);
	const enum status status = kpi_ask(x->query, &request, &rows);
	json_add_name(to, name);
	buffer_add_char(to, '[');
	for (; i < rows.count && to->len < RESPONSE_BODY_MAX - BODY_REST; i++) {
		if (i > 0)
			buffer_add_char(to, ',');
		kpi_add_json(to, &request, &columns, &rows.list[i]);
	}
	buffer_add_char(to, ']');
	d->truncated |= i < rows.count;
	kpi_rows_free(&rows);
	return status;
}

static enum status add_peers(struct exchange *x, struct detail *d)
{
	const struct query_list list = { .kind = RECORD_PEER,
		                         .now = x->request->now,
		                         .limit = PEERS_MAX };
	struct rendering rendering;
	struct record record;
	struct rows rows;
	json_add_name(&x->response->body, "peers");
	rendering_begin(&rendering, x, RECORD_PEER);
	enum status status = query_list(x->query, &list, &rows);
	while (status == OK && (status = rows_next(&rows, &record)) == OK) {
		if (strcmp(record.peer.trunk, d->trunk->name) == 0)
			d->truncated |= !rendering_add(&rendering, &record);
	}
	rows_end(&rows);
	rendering_end(&rendering);
	return status == ERR_NOT_FOUND ? OK : status;
}

/* --- who of the group had how much ---------------------------------------------------- */

enum { MEMBERS_MAX = 50 };

static size_t find_members(const struct trunk_rows *trunks, const struct trunk *of,
                           const struct trunk *members[MEMBERS_MAX])
{
	size_t count = 0;
	for (size_t i = 0; i < trunks->count && count < MEMBERS_MAX; i++) {
		if (*of->group && strcmp(trunks->list[i].group, of->group) == 0)
			members[count++] = &trunks->list[i];
	}
	return count;
}

/* Outbound seizures of that hour, of all members. */
static uint64_t seizures_at(const struct kpi_rows *rows, nstime start)
{
	uint64_t seizures = 0;
	for (size_t i = 0; i < rows->count; i++) {
		const struct kpi_row *row = &rows->list[i];
		if (row->key.start == start && row->key.direction == KPI_OUTBOUND)
			seizures += row->sum.counts[KPI_SEIZURES];
	}
	return seizures;
}

static void add_share(struct buffer *to, const struct kpi_rows *rows,
                      const struct kpi_row *row, const struct trunk_rows *trunks)
{
	const struct trunk *trunk = trunk_rows_find(trunks, text_from(row->key.trunk));
	const uint64_t all = seizures_at(rows, row->key.start);
	const uint64_t own = row->sum.counts[KPI_SEIZURES];
	buffer_add_char(to, '{');
	json_add_text(to, "trunk", row->key.trunk);
	json_add_text(to, "redundancy",
	              trunk ? trunk_redundancy_names[trunk->redundancy] : NULL);
	json_add_time(to, "from", row->key.start);
	json_add_time(to, "to", row->end);
	json_add_count(to, "seizures", own);
	json_add_name(to, "share_pct");
	if (all)
		display_json_real(to, 100 * (double)own / (double)all);
	else
		buffer_add(to, TEXT("null"));
	buffer_add_char(to, '}');
}

static enum status add_shares(struct exchange *x, struct detail *d,
                              const struct trunk_rows *trunks)
{
	const struct trunk *members[MEMBERS_MAX];
	const size_t count = find_members(trunks, d->trunk, members);
	struct buffer *to = &x->response->body;
	struct kpi_request request = d->request;
	struct filter *filter = NULL;
	struct kpi_rows rows = { .count = 0 };
	bool first = true;
	enum status status = OK;
	request.by = KPI_BY_TRUNK | KPI_BY_DIRECTION;
	request.step = KPI_STEP_HOUR;
	request.no_peaks = true;
	json_add_name(to, "shares");
	buffer_add_char(to, '[');
	if (count > 0 && !make_filter(x, members, count, &filter))
		return ERR_NOMEM;
	request.filter = filter;
	if (count > 0)
		status = kpi_ask(x->query, &request, &rows);
	for (size_t i = 0; i < rows.count; i++) {
		if (rows.list[i].key.direction != KPI_OUTBOUND)
			continue;
		d->truncated |= to->len >= RESPONSE_BODY_MAX - BODY_REST;
		if (d->truncated)
			break;
		if (!first)
			buffer_add_char(to, ',');
		first = false;
		add_share(to, &rows, &rows.list[i], trunks);
	}
	buffer_add_char(to, ']');
	kpi_rows_free(&rows);
	filter_free(filter);
	return status;
}

static enum status add_detail(struct exchange *x, struct detail *d,
                              const struct trunk_rows *trunks)
{
	struct buffer *to = &x->response->body;
	struct standing *standing = calloc(trunks->count + 1, sizeof *standing);
	struct kpi_rows rows = { .from = NSTIME_NONE };
	enum status status = standing ? count_peers(x, trunks, standing) : ERR_NOMEM;
	if (status == OK)
		status = kpi_ask(x->query, &d->request, &rows);
	buffer_add_char(to, '{');
	if (status == OK) {
		json_add_time(to, "from", rows.from);
		json_add_time(to, "to", rows.to);
		json_add_name(to, "time_zone");
		display_json(to, text_from(rows.zone.name));
		json_add_name(to, "trunk");
		add_trunk(to, d->trunk, &standing[d->trunk - trunks->list], &d->request,
		          &rows);
	}
	kpi_rows_free(&rows);
	free(standing);
	if (status == OK)
		status = add_peers(x, d);
	if (status == OK)
		status = add_rows(x, d, "codes", KPI_BY_CODE, "seen,seizures,pdd_ms");
	if (status == OK)
		status = add_rows(x, d, "hours_of_week", KPI_BY_HOUR_OF_WEEK,
		                  "seizures,asr,ner,acd_s,pdd_ms,concurrent_peak,loss_pct,"
		                  "mos_nb_p50,mos_wb_p50");
	if (status == OK)
		status = add_shares(x, d, trunks);
	buffer_format(to, ",\"truncated\":%s}\n", d->truncated ? "true" : "false");
	return status;
}

bool handle_trunk(struct exchange *x)
{
	struct trunk_rows trunks = { 0 };
	struct filter *filter = NULL;
	struct detail d = { 0 };
	bool done = read_time(x, 24 * HOUR_NS, &d.request);
	if (done && trunk_rows_read(x->query, &trunks) != OK)
		done = handler_failed(x);
	if (done && !(d.trunk = trunk_rows_find(&trunks, x->name)))
		done = problem_set(x->problem, 404, "no-such-trunk",
		                   "there is no trunk of that name");
	else if (done && (done = make_filter(x, &d.trunk, 1, &filter))) {
		d.request.filter = filter;
		done = add_detail(x, &d, &trunks) == OK || handler_failed(x);
	}
	filter_free(filter);
	trunk_rows_free(&trunks);
	return done;
}
