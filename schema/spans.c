#include "schema/spans.h"

#include <stdlib.h>

void spans_free(struct spans *spans)
{
	free(spans->list);
	*spans = (struct spans){ 0 };
}

enum status spans_add(struct spans *spans, nstime from, nstime to)
{
	if (from >= to)
		return OK;
	if (spans->count == spans->room) {
		const size_t room = spans->room ? spans->room * 2 : 16;
		struct span_of_time *list =
		        realloc(spans->list, room * sizeof *spans->list);
		if (!list)
			return ERR_NOMEM;
		spans->list = list;
		spans->room = room;
	}
	spans->list[spans->count++] = (struct span_of_time){ from, to };
	return OK;
}

static int by_from(const void *a, const void *b)
{
	const struct span_of_time *left = a;
	const struct span_of_time *right = b;
	return (left->from > right->from) - (left->from < right->from);
}

void spans_unite(struct spans *spans, nstime gap)
{
	size_t kept = 0;
	if (spans->count == 0)
		return;
	qsort(spans->list, spans->count, sizeof *spans->list, by_from);
	for (size_t i = 1; i < spans->count; i++) {
		struct span_of_time *last = &spans->list[kept];
		const struct span_of_time next = spans->list[i];
		if (next.from - last->to > gap)
			spans->list[++kept] = next;
		else if (next.to > last->to)
			last->to = next.to;
	}
	spans->count = kept + 1;
}

enum status spans_subtract(const struct spans *from, const struct spans *less,
                           struct spans *out)
{
	enum status status = OK;
	size_t k = 0;
	for (size_t i = 0; status == OK && i < from->count; i++) {
		nstime at = from->list[i].from;
		const nstime end = from->list[i].to;
		while (k < less->count && less->list[k].to <= at)
			k++;
		for (size_t n = k;
		     status == OK && n < less->count && less->list[n].from < end; n++) {
			status = spans_add(out, at, less->list[n].from);
			at = less->list[n].to;
		}
		if (status == OK)
			status = spans_add(out, at, end);
	}
	return status;
}

enum status spans_intersect(const struct spans *a, const struct spans *b, struct spans *out)
{
	enum status status = OK;
	size_t i = 0;
	size_t k = 0;
	while (status == OK && i < a->count && k < b->count) {
		const struct span_of_time left = a->list[i];
		const struct span_of_time right = b->list[k];
		status = spans_add(out, left.from > right.from ? left.from : right.from,
		                   left.to < right.to ? left.to : right.to);
		if (left.to < right.to)
			i++;
		else
			k++;
	}
	return status;
}

/* A time at which one more is there, or one less. */
struct edge {
	nstime at;
	int change;
};

static int by_time(const void *a, const void *b)
{
	const struct edge *left = a;
	const struct edge *right = b;
	return (left->at > right->at) - (left->at < right->at);
}

static enum status walk_edges(const struct edge *edges, size_t count, int least,
                              struct spans *out)
{
	enum status status = OK;
	int there = 0;
	nstime since = 0;
	for (size_t i = 0; status == OK && i < count;) {
		const nstime at = edges[i].at;
		const int before = there;
		for (; i < count && edges[i].at == at; i++)
			there += edges[i].change;
		if (before < least && there >= least)
			since = at;
		else if (before >= least && there < least)
			status = spans_add(out, since, at);
	}
	return status;
}

enum status spans_overlap(const struct spans *sets, size_t count, size_t least,
                          struct spans *out)
{
	size_t all = 0;
	size_t n = 0;
	for (size_t i = 0; i < count; i++)
		all += 2 * sets[i].count;
	struct edge *edges = calloc(all + 1, sizeof *edges);
	if (!edges)
		return ERR_NOMEM;
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < sets[i].count; k++) {
			edges[n++] = (struct edge){ sets[i].list[k].from, 1 };
			edges[n++] = (struct edge){ sets[i].list[k].to, -1 };
		}
	}
	qsort(edges, n, sizeof *edges, by_time);
	const enum status status = walk_edges(edges, n, (int)least, out);
	free(edges);
	return status;
}

nstime spans_length(const struct spans *spans)
{
	nstime all = 0;
	for (size_t i = 0; i < spans->count; i++)
		all += spans->list[i].to - spans->list[i].from;
	return all;
}
