/* fuzz_record_wire.c - what the engine says, as the keeper takes it: kind, then fields. */
#include "probe/record_wire.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct record record;
	static uint8_t again[RECORD_WIRE_MAX];
	if (len < 1)
		return 0;
	const enum record_kind kind = (enum record_kind)(data[0] % RECORD_KIND_COUNT);
	const struct span bytes = { data + 1, len - 1 };
	if (record_wire_decode(kind, bytes, &record) != OK)
		return 0;
	/* There is one way to write a record: what was taken gives the same bytes. */
	assert(record_wire_encode(&record, again) == bytes.len);
	assert(memcmp(again, bytes.at, bytes.len) == 0);
	return 0;
}
