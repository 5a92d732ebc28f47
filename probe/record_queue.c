#include "probe/record_queue.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 256 * 1024, WORTH_BYTES = 32 * 1024, ALIGNMENT = 16 };

struct record_head {
	size_t size; /* of the record's own bytes, from its beginning */
	size_t tail; /* bytes behind them */
};

#define SIZE_OF(member)                                                                    \
	(offsetof(struct record, leg) + sizeof((struct record *)NULL)->member)

/* The union is as long as its longest member, and most are not that one. */
static const size_t sizes[RECORD_KIND_COUNT] = {
	[RECORD_MESSAGE] = SIZE_OF(message),
	[RECORD_REPORT] = SIZE_OF(report),
	[RECORD_REGISTRATION] = SIZE_OF(registration),
	[RECORD_STREAM] = SIZE_OF(stream),
	[RECORD_LEG] = SIZE_OF(leg),
	[RECORD_FINDING] = SIZE_OF(finding),
	[RECORD_CALL] = SIZE_OF(call),
	[RECORD_BINDING] = SIZE_OF(binding),
	[RECORD_PEER] = SIZE_OF(peer),
	[RECORD_EVENT] = SIZE_OF(event),
	[RECORD_KPI] = SIZE_OF(kpi),
	[RECORD_OBSERVATION] = SIZE_OF(observation),
	[RECORD_ENCRYPTED] = SIZE_OF(encrypted),
	[RECORD_ALERT] = SIZE_OF(alert),
};
static_assert(ARRAY_LEN(sizes) == RECORD_KIND_COUNT, "a size for every kind");
static_assert(sizeof(struct record_head) % ALIGNMENT == 0, "records are aligned");
static_assert(sizeof(struct record) + sizeof(struct record_head) < BLOCK_BYTES / 2,
              "a record fits, and some of its tail");

static size_t aligned(size_t len)
{
	return (len + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

enum status record_queue_init(struct record_queue *queue, struct bell *reader,
                              struct bell *writer)
{
	queue_init(&queue->queue, RECORD_BLOCKS, reader, writer);
	queue->writer = writer;
	queue->shown = calloc(1, sizeof *queue->shown);
	for (size_t i = 0; i < RECORD_BLOCKS; i++) {
		queue->blocks[i] =
		        (struct record_block){ malloc(BLOCK_BYTES), 0, BLOCK_BYTES };
		if (!queue->blocks[i].bytes)
			return ERR_NOMEM;
	}
	return queue->shown ? OK : ERR_NOMEM;
}

void record_queue_free(struct record_queue *queue)
{
	for (size_t i = 0; i < RECORD_BLOCKS; i++)
		free(queue->blocks[i].bytes);
	free(queue->shown);
}

/* --- the writer ----------------------------------------------------------------------- */

/* The block that is being filled. */
static struct record_block *open_block(struct record_queue *queue)
{
	size_t slot;
	for (;;) {
		const unsigned int heard = bell_heard(queue->writer);
		if (queue_has_room(&queue->queue, &slot))
			return &queue->blocks[slot];
		bell_wait(queue->writer, heard);
	}
}

/* A tail that is longer than any other; without memory less of it is kept. */
static void grow(struct record_block *block, size_t len)
{
	uint8_t *more = realloc(block->bytes, len);
	if (!more)
		return;
	block->bytes = more;
	block->room = len;
}

static void accept(void *self, const struct record *record)
{
	struct record_queue *queue = self;
	struct record_head head = { sizes[record->kind], record->tail.len };
	const size_t len = sizeof head + aligned(head.size) + aligned(head.tail);
	struct record_block *block = open_block(queue);
	if (len > block->room - block->used) {
		record_queue_flush(queue);
		block = open_block(queue);
		if (len > block->room)
			grow(block, len);
		if (len > block->room)
			head.tail = block->room - (len - aligned(head.tail));
	}
	uint8_t *to = block->bytes + block->used;
	memcpy(to, &head, sizeof head);
	memcpy(to + sizeof head, record, head.size);
	if (head.tail > 0)
		memcpy(to + sizeof head + aligned(head.size), record->tail.at, head.tail);
	block->used += sizeof head + aligned(head.size) + aligned(head.tail);
}

struct sink record_queue_sink(struct record_queue *queue)
{
	return (struct sink){ accept, queue };
}

void record_queue_flush(struct record_queue *queue)
{
	size_t slot;
	/* Without room there is no block that is being filled. */
	if (!queue_has_room(&queue->queue, &slot) || queue->blocks[slot].used == 0)
		return;
	queue_put(&queue->queue);
	queue_urge(&queue->queue);
}

bool record_queue_is_worth_it(struct record_queue *queue)
{
	size_t slot;
	return queue_has_room(&queue->queue, &slot) &&
	       queue->blocks[slot].used >= WORTH_BYTES;
}

/* --- the reader ----------------------------------------------------------------------- */

bool record_queue_give(struct record_queue *queue, const struct sink *sink)
{
	size_t slot;
	if (!queue_has_next(&queue->queue, &slot))
		return false;
	struct record_block *block = &queue->blocks[slot];
	struct record *record = queue->shown;
	struct record_head head;
	for (size_t at = 0; at < block->used;) {
		const uint8_t *from = block->bytes + at;
		memcpy(&head, from, sizeof head);
		memcpy(record, from + sizeof head, head.size);
		record->tail =
		        (struct span){ from + sizeof head + aligned(head.size), head.tail };
		sink->accept(sink->self, record);
		at += sizeof head + aligned(head.size) + aligned(head.tail);
	}
	block->used = 0;
	queue_take(&queue->queue);
	return true;
}
