#include "probe/packet_batch.h"

/* Half a batch of the longest packets of an Ethernet; others need less. */
enum { KEPT_BYTES = 384 * 1024 };

enum status packet_batch_init(struct packet_batch *batch, size_t limit, bool keeps)
{
	batch->kept = (struct kept_bytes){ 0 };
	batch->limit = limit;
	packet_batch_clear(batch);
	return keeps ? kept_bytes_init(&batch->kept, KEPT_BYTES) : OK;
}

void packet_batch_free(struct packet_batch *batch)
{
	kept_bytes_free(&batch->kept);
}

void packet_batch_clear(struct packet_batch *batch)
{
	batch->count = batch->sip_count = batch->kept.len = 0;
	batch->messages = false;
	batch->end = BATCH_ENDS;
}
