#include "probe/frame_queue.h"

#include <stdlib.h>

enum { KEPT_BYTES = 256 * 1024 };

enum status frame_queue_init(struct frame_queue *queue, struct bell *reader,
                             struct bell *writer)
{
	enum status status = OK;
	queue_init(&queue->queue, FRAME_BATCHES, reader, writer);
	queue->batches = calloc(FRAME_BATCHES, sizeof *queue->batches);
	if (!queue->batches)
		return ERR_NOMEM;
	for (size_t i = 0; status == OK && i < FRAME_BATCHES; i++)
		status = kept_bytes_init(&queue->batches[i].kept, KEPT_BYTES);
	return status;
}

void frame_queue_free(struct frame_queue *queue)
{
	for (size_t i = 0; queue->batches && i < FRAME_BATCHES; i++)
		kept_bytes_free(&queue->batches[i].kept);
	free(queue->batches);
	queue->batches = NULL;
}

static struct frame_batch *open_batch(struct frame_queue *queue)
{
	size_t slot;
	return queue_has_room(&queue->queue, &slot) ? &queue->batches[slot] : NULL;
}

size_t frame_queue_add(struct frame_queue *queue, const struct frame *frames, size_t count)
{
	struct frame_batch *batch = open_batch(queue);
	size_t added = 0;
	while (batch && added < count) {
		const struct frame *frame = &frames[added];
		const bool fits = kept_bytes_fit(&batch->kept, frame->bytes.len);
		if (batch->count == FRAME_BATCH || (batch->count > 0 && !fits)) {
			queue_put(&queue->queue);
			batch = open_batch(queue);
			continue;
		}
		struct frame *copy = &batch->frames[batch->count++];
		*copy = *frame;
		copy->bytes = kept_bytes_add(&batch->kept, frame->bytes);
		copy->stays = false;
		added++;
	}
	return added;
}

void frame_queue_flush(struct frame_queue *queue)
{
	const struct frame_batch *batch = open_batch(queue);
	if (batch && batch->count > 0)
		queue_put(&queue->queue);
	queue_urge(&queue->queue);
}

struct frame_batch *frame_queue_next(struct frame_queue *queue)
{
	size_t slot;
	return queue_has_next(&queue->queue, &slot) ? &queue->batches[slot] : NULL;
}

void frame_queue_done(struct frame_queue *queue)
{
	struct frame_batch *batch = frame_queue_next(queue);
	batch->count = batch->kept.len = 0;
	queue_take(&queue->queue);
}
