/*
 * fuzz_sip_frame.c - a byte stream of SIP.  The first two bytes say where it is cut in two:
 * with the cut or without, the same messages must come out.  Streams are short: a line of
 * 8 KiB without an end is given up, and where depends on the cut.
 */
#include "analyzer/wire/sip_frame.h"

#include <assert.h>

#include "analyzer/wire/sip.h"

enum { FRAMES_MAX = 64, STREAM_MAX = 8 * 1024 };

struct framing {
	size_t starts[FRAMES_MAX], lens[FRAMES_MAX];
	size_t count, done;
};

static void frame_all(const uint8_t *at, size_t len, struct framing *f)
{
	while (f->count < FRAMES_MAX) {
		const struct span left = { at + f->done, len - f->done };
		const struct sip_frame frame = sip_frame_next(left);
		assert(frame.skip <= left.len && frame.len <= left.len - frame.skip);
		assert(!frame.resynchronised || frame.skip > 0);
		f->done += frame.skip;
		if (frame.result == SIP_FRAME_MORE)
			return;
		assert(frame.len > 0);
		assert(sip_looks_like((struct span){ at + f->done, frame.len }));
		f->starts[f->count] = f->done;
		f->lens[f->count++] = frame.len;
		f->done += frame.len;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct reader r = reader_of((struct span){ data, len });
	const size_t wanted = read_u16(&r);
	const size_t total = r.rest.len;
	if (total == 0 || total > STREAM_MAX)
		return 0;
	const size_t cut = wanted % (total + 1);
	struct framing whole = { 0 }, parted = { 0 };
	frame_all(r.rest.at, total, &whole);
	frame_all(r.rest.at, cut, &parted);
	const size_t before = parted.count;
	for (size_t i = 0; i < before; i++)
		assert(i < whole.count && parted.starts[i] == whole.starts[i] &&
		       parted.lens[i] == whole.lens[i]);
	frame_all(r.rest.at, total, &parted);
	assert(parted.count == whole.count);
	for (size_t i = before; i < whole.count; i++)
		assert(parted.starts[i] == whole.starts[i] &&
		       parted.lens[i] == whole.lens[i]);
	return 0;
}
