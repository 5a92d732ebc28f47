#include "probe/frame_queue.h"
#include "probe/queue.h"
#include "probe/record_queue.h"
#include "probe/worker.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

enum { SLOTS = 4, NUMBERS = 200000 };

/* --- one thread: what the queue says of itself ---------------------------------------- */

static void slots_go_round_and_none_is_used_twice(void **state)
{
	struct bell reader = { 0 }, writer = { 0 };
	struct queue queue;
	size_t slot;
	(void)state;
	queue_init(&queue, SLOTS, &reader, &writer);
	assert_false(queue_has_next(&queue, &slot));
	assert_true(queue_is_empty(&queue));
	for (size_t round = 0; round < 3; round++) {
		for (size_t i = 0; i < SLOTS; i++) {
			assert_true(queue_has_room(&queue, &slot));
			assert_int_equal(slot, i);
			queue_put(&queue);
		}
		assert_false(queue_has_room(&queue, &slot));
		assert_int_equal(queue_depth(&queue), SLOTS);
		for (size_t i = 0; i < SLOTS; i++) {
			assert_true(queue_has_next(&queue, &slot));
			assert_int_equal(slot, i);
			assert_int_equal(queue_has_more(&queue), i + 1 < SLOTS);
			queue_take(&queue);
		}
		assert_false(queue_has_next(&queue, &slot));
		assert_true(queue_is_empty(&queue));
	}
	assert_int_equal(queue_most(&queue), SLOTS);
}

/* A thread that is woken for each slot does nothing but wake up. */
static void a_side_is_woken_for_half_a_queue(void **state)
{
	struct bell reader = { 0 }, writer = { 0 };
	struct queue queue;
	(void)state;
	queue_init(&queue, SLOTS, &reader, &writer);
	queue_put(&queue);
	assert_int_equal(bell_heard(&reader), 0);
	queue_put(&queue);
	assert_int_equal(bell_heard(&reader), 1);
	queue_put(&queue);
	queue_put(&queue);
	assert_int_equal(bell_heard(&writer), 0);
	queue_take(&queue);
	assert_int_equal(bell_heard(&writer), 0);
	queue_take(&queue);
	assert_int_equal(bell_heard(&writer), 1);
	queue_urge(&queue);
	assert_int_equal(bell_heard(&reader), 4);
}

/* --- two threads ---------------------------------------------------------------------- */

struct pair {
	struct bell at_reader, at_writer;
	struct queue queue;
	unsigned int slots[SLOTS];
};

static void *write_numbers(void *self)
{
	struct pair *p = self;
	for (unsigned int i = 0; i < NUMBERS;) {
		size_t slot;
		const unsigned int heard = bell_heard(&p->at_writer);
		if (!queue_has_room(&p->queue, &slot)) {
			bell_wait(&p->at_writer, heard);
			continue;
		}
		p->slots[slot] = i++;
		queue_put(&p->queue);
	}
	queue_urge(&p->queue);
	return NULL;
}

static void all_numbers_come_in_their_order(void **state)
{
	struct pair *p = aligned_alloc(QUEUE_CACHE_LINE, sizeof *p);
	pthread_t thread;
	(void)state;
	assert_non_null(p);
	memset(p, 0, sizeof *p);
	queue_init(&p->queue, SLOTS, &p->at_reader, &p->at_writer);
	assert_int_equal(worker_start(&thread, write_numbers, p), OK);
	for (unsigned int i = 0; i < NUMBERS;) {
		size_t slot;
		const unsigned int heard = bell_heard(&p->at_reader);
		if (!queue_has_next(&p->queue, &slot)) {
			bell_wait(&p->at_reader, heard);
			continue;
		}
		assert_int_equal(p->slots[slot], i++);
		queue_take(&p->queue);
	}
	pthread_join(thread, NULL);
	free(p);
}

/* --- frames --------------------------------------------------------------------------- */

enum { FRAMES = 5000, LONGEST = 300 * 1024 };

static size_t length_of(size_t i)
{
	return i % 1000 == 999 ? LONGEST : i % 97;
}

/* Lengths from nothing to more than a batch has room for; the writer's memory is its own.
 */
static void frames_arrive_whole(void **state)
{
	struct bell reader = { 0 }, writer = { 0 };
	struct frame_queue queue;
	uint8_t *bytes = malloc(LONGEST);
	uint64_t next = 0;
	(void)state;
	assert_non_null(bytes);
	assert_int_equal(frame_queue_init(&queue, &reader, &writer), OK);
	for (size_t i = 0; i < FRAMES || next < FRAMES;) {
		struct frame_batch *batch;
		if (i < FRAMES) {
			memset(bytes, (int)i & 0xff, LONGEST);
			const struct frame frame = { .number = i,
				                     .bytes = { bytes, length_of(i) } };
			const size_t added = frame_queue_add(&queue, &frame, 1);
			memset(bytes, 0x55, LONGEST);
			i += added;
			if (added && i < FRAMES)
				continue;
		}
		frame_queue_flush(&queue);
		assert_non_null(frame_queue_next(&queue));
		while ((batch = frame_queue_next(&queue))) {
			for (size_t n = 0; n < batch->count; n++, next++) {
				const struct frame *frame = &batch->frames[n];
				assert_int_equal(frame->number, next);
				assert_int_equal(frame->bytes.len, length_of(next));
				for (size_t b = 0; b < frame->bytes.len; b += 101)
					assert_int_equal(frame->bytes.at[b], next & 0xff);
			}
			frame_queue_done(&queue);
		}
	}
	frame_queue_free(&queue);
	free(bytes);
}

/* --- records -------------------------------------------------------------------------- */

struct heard {
	uint64_t records;
	uint64_t wrong;
};

static size_t tail_of(uint64_t i)
{
	return i % 500 == 499 ? LONGEST : i % 333;
}

static void fill(struct record *record, uint64_t i, uint8_t *tail)
{
	record->kind = (enum record_kind)(i % RECORD_KIND_COUNT);
	record->at = (nstime)i;
	if (record->kind == RECORD_LEG)
		record->leg.id = i;
	else if (record->kind == RECORD_MESSAGE)
		record->message.id = i;
	memset(tail, (int)i & 0xff, tail_of(i));
	record->tail = (struct span){ tail, tail_of(i) };
}

static void check(void *self, const struct record *record)
{
	struct heard *heard = self;
	const uint64_t i = heard->records++;
	bool right = record->kind == (enum record_kind)(i % RECORD_KIND_COUNT) &&
	             record->at == (nstime)i && record->tail.len == tail_of(i);
	if (record->kind == RECORD_LEG)
		right = right && record->leg.id == i;
	if (record->kind == RECORD_MESSAGE)
		right = right && record->message.id == i;
	for (size_t b = 0; right && b < record->tail.len; b += 101)
		right = record->tail.at[b] == (i & 0xff);
	heard->wrong += !right;
}

struct records {
	struct bell at_reader, at_writer;
	struct record_queue queue;
};

enum { RECORDS = 3000 };

static void *write_records(void *self)
{
	struct records *r = self;
	const struct sink sink = record_queue_sink(&r->queue);
	struct record *record = calloc(1, sizeof *record);
	uint8_t *tail = malloc(LONGEST);
	for (uint64_t i = 0; record && tail && i < RECORDS; i++) {
		fill(record, i, tail);
		sink.accept(sink.self, record);
		if (record_queue_is_worth_it(&r->queue))
			record_queue_flush(&r->queue);
	}
	record_queue_flush(&r->queue);
	free(tail);
	free(record);
	return NULL;
}

static void records_arrive_whole_and_in_order(void **state)
{
	struct records *r = aligned_alloc(QUEUE_CACHE_LINE, sizeof *r);
	struct heard heard = { 0 };
	const struct sink sink = { check, &heard };
	pthread_t thread;
	(void)state;
	assert_non_null(r);
	memset(r, 0, sizeof *r);
	assert_int_equal(record_queue_init(&r->queue, &r->at_reader, &r->at_writer), OK);
	assert_int_equal(worker_start(&thread, write_records, r), OK);
	while (heard.records < RECORDS) {
		const unsigned int rings = bell_heard(&r->at_reader);
		if (!record_queue_give(&r->queue, &sink))
			bell_wait(&r->at_reader, rings);
	}
	pthread_join(thread, NULL);
	assert_int_equal(heard.records, RECORDS);
	assert_int_equal(heard.wrong, 0);
	assert_false(record_queue_give(&r->queue, &sink));
	record_queue_free(&r->queue);
	free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slots_go_round_and_none_is_used_twice),
		cmocka_unit_test(a_side_is_woken_for_half_a_queue),
		cmocka_unit_test(all_numbers_come_in_their_order),
		cmocka_unit_test(frames_arrive_whole),
		cmocka_unit_test(records_arrive_whole_and_in_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
