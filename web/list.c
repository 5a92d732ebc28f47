/*
 * list.c - lists of records: filter, from, to, sort, limit, cursor.
 *
 * What no index answers is looked for among so many rows (looked_at), and the answer says
 * so: in the order of time the next page goes on from there, be this one full or not; in
 * another order the newest rows are put in order, and `reached` is how far back they go;
 * in one that an index has the next page goes on from the last row that was looked at.
 */
#include "web/handlers.h"

#include "analyzer/base/hash.h"
#include "schema/filter_time.h"
#include "web/cursor.h"
#include "web/display.h"

enum { LIMIT_DEFAULT = 100, LIMIT_MAX = 1000 };

/*
 * Kinds of which there are so many that they are kept in the order of their times, and how
 * many a page looks at: what takes some tens of milliseconds, with the parts of a call that
 * are looked for one by one.
 */
static const size_t looked_at[RECORD_KIND_COUNT] = {
	[RECORD_CALL] = 6000,
	[RECORD_LEG] = 5000,
	[RECORD_STREAM] = 4000,
	[RECORD_FINDING] = 1000,
};
enum { LOOKED_AT_WITH_PARTS = 800, SUPERSEDED = 16 };

struct listing {
	struct query_list list;
	struct filter *filter; /* owned */
	struct cursor after;
	uint64_t question; /* names what is asked, without the place */
	nstime reached;    /* how far it looks; 0: as far as it goes */
	bool relative;     /* it speaks of times relative to now */
	bool skips;        /* it is asked for by the number of rows before it */
	bool past_end;
	uint64_t skip;
	struct query_place place; /* where it begins then */
	struct query_front front; /* owned; what it is chosen from, if list.among says so */
	bool front_ends;          /* there is nothing behind that */
};

bool handler_read_limit(struct exchange *x, size_t *out)
{
	const struct text value = request_parameter(x->request, "limit");
	uint64_t limit = LIMIT_DEFAULT;
	if (value.at && (text_number(value, LIMIT_MAX, &limit) != OK || limit == 0))
		return problem_in(x->problem, "limit", "bad-value",
		                  "a number from 1 to %d is expected", LIMIT_MAX);
	*out = (size_t)limit;
	return true;
}

static bool read_sort(struct exchange *x, struct query_list *list)
{
	struct text value = request_parameter(x->request, "sort");
	const bool named = value.len > 0;
	list->ascending = named && value.at[0] != '-';
	if (named && value.at[0] == '-')
		value = text_skip(value, 1);
	if (!named || value.len > 0)
		list->sort = query_sort_field(list->kind, value);
	if (list->sort && (named || !value.at))
		return handler_may_ask_for(x, "sort", list->sort);
	return problem_in(
	        x->problem, "sort", "bad-value",
	        "the name of a field that is a time or a number is expected, with - "
	        "in front for the greatest first");
}

static bool read_time(struct exchange *x, struct handler_times *times, const char *name,
                      nstime *out)
{
	const struct text value = request_parameter(x->request, name);
	nstime offset;
	if (!value.at)
		return true;
	if (filter_time_relative(value, &offset) == OK) {
		*out = times->now + offset;
		times->relative = true;
		return true;
	}
	if (filter_time_absolute(value, out) == OK)
		return true;
	return problem_in(x->problem, name, "bad-value",
	                  "a time is expected, as 2026-01-31T09:44:01Z or -2h");
}

bool handler_read_times(struct exchange *x, struct handler_times *times)
{
	return read_time(x, times, "from", &times->from) &&
	       read_time(x, times, "to", &times->to);
}

bool handler_read_filter(struct exchange *x, enum record_kind kind, struct filter **out)
{
	const struct text value = request_parameter(x->request, "filter");
	struct filter_error error;
	struct buffer safe = { 0 };
	*out = NULL;
	if (text_trim(value).len == 0)
		return true;
	const enum status status = filter_parse(value, kind, out, &error);
	if (status == OK) {
		const struct field *hidden = filter_asks_for(*out, mask_hides);
		return !hidden || handler_may_ask_for(x, "filter", hidden);
	}
	if (status == ERR_NOMEM)
		return handler_failed(x);
	problem_in(x->problem, "filter", "bad-filter", "%s", "");
	display_text(&safe, text_from(error.text));
	text_copy(x->problem->detail, sizeof x->problem->detail, buffer_text(&safe));
	buffer_free(&safe);
	x->problem->column = error.column;
	return false;
}

static bool read_filter(struct exchange *x, struct listing *l)
{
	if (!handler_read_filter(x, l->list.kind, &l->filter))
		return false;
	l->list.filter = l->filter;
	l->relative |= l->filter && filter_is_relative(l->filter);
	return true;
}

/* Everything but the limit makes the question. */
static uint64_t name_question(const struct exchange *x)
{
	static const struct hash_key key = { 5, 6 };
	static const char *const parts[] = { "filter", "from", "to", "sort" };
	uint64_t words[ARRAY_LEN(parts) + 1] = { (uint64_t)x->kind };
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		const struct text value = request_parameter(x->request, parts[i]);
		words[i + 1] = value.len ? hash_text(&key, value) : 0;
	}
	return hash_bytes(&key, words, sizeof words);
}

static bool read_cursor(struct exchange *x, struct listing *l)
{
	const struct text value = request_parameter(x->request, "cursor");
	l->after.now = x->request->now;
	if (!value.at)
		return true;
	const enum status status = cursor_read(value, l->question, &l->after);
	if (status == ERR_NOT_FOUND)
		return problem_in(
		        x->problem, "cursor", "bad-cursor",
		        "this is the cursor of another question; filter, from, to "
		        "and sort stay the same from page to page");
	if (status != OK)
		return problem_in(x->problem, "cursor", "bad-cursor",
		                  "a cursor out of the page before is expected");
	l->list.after = &l->after.place;
	return true;
}

/* What asks for parts of each row takes as long with fewer of them. */
static size_t rows_to_look_at(const struct query_list *list)
{
	const size_t rows = looked_at[list->kind];
	const bool parts = list->filter && filter_has_parts(list->filter);
	return parts && rows > LOOKED_AT_WITH_PARTS ? LOOKED_AT_WITH_PARTS : rows;
}

/* By time: no further than so many rows, from where the page begins. */
static enum status reach_by_time(struct exchange *x, struct listing *l)
{
	struct query_list *list = &l->list;
	nstime reached;
	if (list->after && !list->after->known)
		return OK; /* at the end, where no time is known */
	const enum status status =
	        query_reach(x->query, list, rows_to_look_at(list), &reached);
	if (status != OK)
		return status == ERR_NOT_FOUND ? OK : status;
	if (list->after && list->after->number == reached / NS_PER_US)
		return OK; /* so many at once: there is no place in between */
	l->reached = reached;
	if (list->ascending)
		list->until = reached + NS_PER_US;
	else
		list->from = reached;
	return OK;
}

/* In an order that an index has: so many of the first, or of those between two times. */
static enum status reach_in_order(struct exchange *x, struct listing *l)
{
	struct query_list *list = &l->list;
	/* Some may be left out, for a later run has them, too. */
	const size_t rows =
	        list->filter ? rows_to_look_at(list) : list->limit + 1 + SUPERSEDED;
	const enum status status = query_front(x->query, list, rows, &l->front);
	l->front_ends = l->front.count < rows;
	list->among = &l->front;
	list->few = true;
	return status;
}

/* In another order: so many of the newest. */
static enum status reach_newest(struct exchange *x, struct listing *l)
{
	struct query_list *list = &l->list;
	nstime reached = l->after.reached;
	const enum status status =
	        reached ? OK : query_reach(x->query, list, looked_at[list->kind], &reached);
	list->few = true;
	if (status != OK)
		return status == ERR_NOT_FOUND ? OK : status;
	l->reached = list->from = reached;
	return OK;
}

static bool limit_reach(struct exchange *x, struct listing *l)
{
	struct query_list *list = &l->list;
	const bool by_time = query_is_time(list->kind, list->sort);
	enum status status = OK;
	if (!looked_at[list->kind] || (by_time && !list->filter))
		return true;
	if (list->filter && filter_is_indexed(list->filter))
		list->few = true;
	else if (by_time)
		status = reach_by_time(x, l);
	else if (query_has_order(list->kind, list->sort))
		status = reach_in_order(x, l);
	else
		status = reach_newest(x, l);
	return status == OK || handler_failed(x);
}

enum { SKIP_MOST = 1000000000 };

/* Into the middle at once, where an index counts rows without looking at them. */
static bool read_skip(struct exchange *x, struct listing *l)
{
	const struct text value = request_parameter(x->request, "skip");
	struct query_list *list = &l->list;
	if (!value.at)
		return true;
	if (text_number(value, SKIP_MOST, &l->skip) != OK)
		return problem_in(x->problem, "skip", "bad-value",
		                  "a number of rows up to %d is expected", SKIP_MOST);
	const bool by_time = query_is_time(list->kind, list->sort);
	if (!looked_at[list->kind] || list->filter || list->after ||
	    !query_has_order(list->kind, list->sort) ||
	    (!by_time && (list->from || list->until)))
		return problem_in(
		        x->problem, "skip", "bad-value",
		        "rows are skipped in calls, legs, streams and findings by "
		        "their time, or calls by mos_lq_min of all times, without "
		        "filter and cursor");
	l->skips = true;
	if (l->skip == 0)
		return true;
	list->after = &l->place;
	const enum status status =
	        query_skip(x->query, list, l->skip, &l->place, &list->offset);
	l->past_end = status == ERR_NOT_FOUND;
	return status == OK || status == ERR_NOT_FOUND || handler_failed(x);
}

static bool read_listing(struct exchange *x, struct listing *l)
{
	*l = (struct listing){ .list = { .kind = x->kind }, .question = name_question(x) };
	struct handler_times times = { 0 };
	if (!handler_read_limit(x, &l->list.limit) || !read_sort(x, &l->list) ||
	    !read_cursor(x, l))
		return false;
	l->list.now = times.now = l->after.now;
	if (!handler_read_times(x, &times))
		return false;
	l->list.from = times.from;
	l->list.until = times.to;
	l->relative = times.relative;
	return read_filter(x, l) && read_skip(x, l) && (l->skips || limit_reach(x, l));
}

/* One more row than the limit is asked for, to know whether there are more. */
static enum status add_page(struct exchange *x, const struct listing *l,
                            struct rendering *rendering, struct query_place *last,
                            bool *truncated)
{
	struct query_list list = l->list;
	struct rows rows;
	struct record record;
	list.limit++;
	if (l->past_end)
		return OK;
	enum status status = query_list(x->query, &list, &rows);
	while (status == OK && (status = rows_next(&rows, &record)) == OK) {
		*truncated = rendering->count == l->list.limit ||
		             !rendering_add(rendering, &record);
		if (*truncated)
			break;
		*last = query_place(list.sort, &record);
	}
	rows_end(&rows);
	return status == ERR_NOT_FOUND ? OK : status;
}

static void add_encoded(struct buffer *to, struct text t)
{
	for (size_t i = 0; i < t.len; i++) {
		const unsigned char c = (unsigned char)t.at[i];
		if (ascii_is_digit((char)c) ||
		    (ascii_lower((char)c) >= 'a' && ascii_lower((char)c) <= 'z') ||
		    c == '-' || c == '.' || c == '_' || c == '~')
			buffer_add_char(to, (char)c);
		else
			buffer_format(to, "%%%02X", c);
	}
}

/* RFC 8288: the same question with the cursor, relative to where it was asked. */
static void add_link(struct exchange *x, const char *cursor)
{
	struct buffer link = { 0 };
	buffer_add_string(&link, "<?");
	for (size_t i = 0; i < x->request->parameter_count; i++) {
		const struct request_parameter *p = &x->request->parameters[i];
		if (text_equal(p->name, TEXT("cursor")))
			continue;
		add_encoded(&link, p->name);
		buffer_add_char(&link, '=');
		add_encoded(&link, p->value);
		buffer_add_char(&link, '&');
	}
	buffer_format(&link, "cursor=%s>; rel=\"next\"", cursor);
	if (link.len < sizeof x->response->link)
		text_copy(x->response->link, sizeof x->response->link, buffer_text(&link));
	buffer_free(&link);
}

/* Behind all that was looked at. */
static struct query_place place_reached(const struct listing *l)
{
	return (struct query_place){ .known = true,
		                     .number = l->reached / NS_PER_US,
		                     .id = (uint64_t)(l->list.ascending ? INT64_MAX
		                                                        : INT64_MIN) };
}

/* How far the list looked, for who asks in JSON and for who does not. */
static void add_reached(struct exchange *x, nstime reached)
{
	struct buffer text = { 0 };
	if (reached) {
		display_time(&text, reached, 6);
		text_copy(x->response->reached, sizeof x->response->reached,
		          buffer_text(&text));
	}
	buffer_free(&text);
	if (x->response->format != FORMAT_JSON)
		return;
	buffer_format(&x->response->body, ",\"reached\":%s%s%s", reached ? "\"" : "",
	              reached ? x->response->reached : "null", reached ? "\"" : "");
}

/* Of the first page that may be skipped from: how many there are, where that is known. */
static bool add_total(struct exchange *x, const struct listing *l)
{
	uint64_t total;
	if (!l->skips || l->skip || x->response->format != FORMAT_JSON)
		return true;
	const enum status status = query_count(x->query, &l->list, &total);
	buffer_add_string(&x->response->body, ",\"total\":");
	if (status == OK)
		buffer_add_number(&x->response->body, total);
	else
		buffer_add_string(&x->response->body, "null");
	return status == OK || status == ERR_UNSUPPORTED;
}

static bool answer_list(struct exchange *x, const struct listing *l)
{
	struct buffer *to = &x->response->body;
	struct rendering rendering;
	/* Else the same answer would have another cursor, and another tag, every time. */
	const bool by_time = query_is_time(l->list.kind, l->list.sort);
	struct cursor end = { .now = l->relative ? l->after.now : 0,
		              .reached = by_time ? 0 : l->reached };
	char cursor[CURSOR_SIZE] = "";
	bool truncated = false;
	if (x->response->format == FORMAT_JSON)
		buffer_add_string(to, "{\"items\":");
	rendering_begin(&rendering, x, x->kind);
	if (add_page(x, l, &rendering, &end.place, &truncated) != OK)
		return handler_failed(x);
	rendering_end(&rendering);
	const bool in_order = l->list.among;
	const bool whole =
	        truncated || (!by_time && !in_order); /* the page, not the list */
	if (!whole && in_order && !l->front_ends) {
		end.place = l->front.last;
		truncated = true;
	} else if (!whole && l->reached) {
		end.place = place_reached(l);
		truncated = true;
	}
	if (truncated && (rendering.count > 0 || !whole)) {
		cursor_write(&end, l->question, cursor);
		add_link(x, cursor);
	}
	add_reached(x, whole && by_time ? 0 : l->reached);
	if (!add_total(x, l))
		return handler_failed(x);
	if (x->response->format == FORMAT_JSON)
		buffer_format(to, ",\"truncated\":%s,\"next\":%s%s%s}\n",
		              truncated ? "true" : "false", cursor[0] ? "\"" : "",
		              cursor[0] ? cursor : "null", cursor[0] ? "\"" : "");
	return true;
}

bool handle_list(struct exchange *x)
{
	struct listing l;
	const bool done = read_listing(x, &l) && answer_list(x, &l);
	query_front_free(&l.front);
	filter_free(l.filter);
	return done;
}
