#include "probe/print_held.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "analyzer/base/hash.h"

enum { BUCKETS = 1 << 16 };

struct held_lines {
	struct hash_key key;
	size_t bytes, lines;
	struct held_line *buckets[BUCKETS]; /* owned */
};

enum status held_new(struct held_lines **out)
{
	struct held_lines *held = calloc(1, sizeof *held);
	if (!held)
		return ERR_NOMEM;
	/* Without random bytes the key is zero: chosen collisions cost time, nothing else.
	 */
	if (getrandom(&held->key, sizeof held->key, GRND_NONBLOCK) < 0)
		held->key = (struct hash_key){ 0 };
	*out = held;
	return OK;
}

static struct held_line **bucket_of(struct held_lines *held, uint64_t call)
{
	return &held->buckets[hash_bytes(&held->key, &call, sizeof call) % BUCKETS];
}

bool held_add(struct held_lines *held, const struct held_line *head, struct text first,
              struct text second)
{
	const size_t size = sizeof *head + first.len + second.len;
	struct held_line *line = held->bytes + size > PRINT_HELD_MAX ? NULL : malloc(size);
	if (!line)
		return false;
	struct held_line **bucket = bucket_of(held, head->call);
	*line = *head;
	line->first_len = first.len;
	line->second_len = second.len;
	memcpy(line->text, first.at, first.len);
	if (second.len)
		memcpy(line->text + first.len, second.at, second.len);
	line->next = *bucket;
	*bucket = line;
	held->bytes += size;
	held->lines++;
	return true;
}

/* Should a stand before b? */
static bool goes_before(const struct held_line *a, const struct held_line *b)
{
	if (a->start != b->start)
		return a->start < b->start;
	const int order = memcmp(a->text, b->text,
	                         a->first_len < b->first_len ? a->first_len : b->first_len);
	return order ? order < 0 : a->first_len < b->first_len;
}

static int compare_lines(const void *a, const void *b)
{
	const struct held_line *const *left = a;
	const struct held_line *const *right = b;
	return goes_before(*left, *right) ? -1 : goes_before(*right, *left);
}

/* Sorts `count` lines and links them; without memory they stay as they are. */
static struct held_line *sorted(struct held_line *list, size_t count)
{
	struct held_line **lines = count > 1 ? calloc(count, sizeof(void *)) : NULL;
	if (!lines)
		return list;
	for (size_t i = 0; i < count; i++, list = list->next)
		lines[i] = list;
	qsort(lines, count, sizeof(void *), compare_lines);
	for (size_t i = 0; i < count; i++)
		lines[i]->next = i + 1 < count ? lines[i + 1] : NULL;
	struct held_line *first = lines[0];
	free(lines);
	return first;
}

/* Moves the streams of `leg` out of *streams to behind `tail`; returns the new tail. */
static struct held_line *append_streams(struct held_line *tail, struct held_line **streams)
{
	const uint64_t leg = tail->leg;
	while (*streams) {
		struct held_line *stream = *streams;
		if (stream->leg != leg) {
			streams = &stream->next;
			continue;
		}
		*streams = stream->next;
		tail->next = stream;
		tail = stream;
		tail->next = NULL;
	}
	return tail;
}

static struct held_line *in_order(struct held_line *legs, struct held_line *streams)
{
	struct held_line *first = legs;
	struct held_line *tail = NULL;
	while (legs) {
		struct held_line *next_leg = legs->next;
		if (tail)
			tail->next = legs;
		tail = legs;
		tail->next = NULL;
		tail = append_streams(tail, &streams);
		legs = next_leg;
	}
	if (tail)
		tail->next = streams;
	return first ? first : streams;
}

struct held_line *held_take(struct held_lines *held, uint64_t call)
{
	struct held_line *lists[2] = { NULL, NULL }; /* streams, legs */
	size_t counts[2] = { 0, 0 };
	struct held_line **link = bucket_of(held, call);
	while (*link) {
		struct held_line *line = *link;
		if (line->call != call) {
			link = &line->next;
			continue;
		}
		*link = line->next;
		held->bytes -= sizeof *line + line->first_len + line->second_len;
		held->lines--;
		line->next = lists[line->is_leg];
		lists[line->is_leg] = line;
		counts[line->is_leg]++;
	}
	return in_order(sorted(lists[1], counts[1]), sorted(lists[0], counts[0]));
}

struct held_line *held_take_rest(struct held_lines *held)
{
	struct held_line *all = NULL;
	for (size_t i = 0; i < BUCKETS; i++) {
		while (held->buckets[i]) {
			struct held_line *line = held->buckets[i];
			held->buckets[i] = line->next;
			line->next = all;
			all = line;
		}
	}
	all = sorted(all, held->lines);
	held->bytes = held->lines = 0;
	return all;
}

void held_free_list(struct held_line *list)
{
	while (list) {
		struct held_line *next = list->next;
		free(list);
		list = next;
	}
}

void held_free(struct held_lines *held)
{
	if (!held)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		held_free_list(held->buckets[i]);
	free(held);
}
