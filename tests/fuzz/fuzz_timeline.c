/* fuzz_timeline.c - a stream's timeline as the database gives it back. */
#include "schema/timeline.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct timeline_reader reader;
	if (timeline_open((struct span){ data, len }, &reader) != OK)
		return 0;
	assert(reader.length > 0);
	struct interval interval;
	enum status status;
	nstime before = INT64_MIN;
	size_t left = reader.rest.rest.len;
	while ((status = timeline_next(&reader, &interval)) == OK) {
		assert(reader.rest.rest.len < left);
		assert(interval.at > before && interval.at % reader.length == 0);
		left = reader.rest.rest.len;
		before = interval.at;
	}
	assert(status == ERR_NOT_FOUND || status == ERR_MALFORMED);
	return 0;
}
