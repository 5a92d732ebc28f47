#include "probe/pipeline.h"

#include <string.h>

#include "tests/unit/unit.h"

enum { FRAMES = 9, FRAME_BYTES = 14 + 20 + 8 + 4 };

static void accept_nothing(void *self, const struct record *record)
{
	(void)self;
	(void)record;
}

static const struct sink sink = { accept_nothing, NULL };

struct outcome {
	struct summary summary;
	struct counters counters;
	uint8_t digest[16];
};

/* A datagram to the discard port; `mark` is its payload. */
static void write_frame(uint8_t bytes[FRAME_BYTES], uint8_t mark)
{
	static const uint8_t head[] = {
		2,    0, 0,   0,  0, 1, 2,    0,    0,  0,  0, 2,  8,   0,
		0x45, 0, 0,   32, 0, 1, 0,    0,    64, 17, 0, 0,  198, 18,
		0,    1, 198, 18, 0, 2, 0x9c, 0x40, 0,  9,  0, 12, 0,   0,
	};
	memcpy(bytes, head, sizeof head);
	memset(bytes + sizeof head, mark, FRAME_BYTES - sizeof head);
}

/* Each batch in memory of its own, which the next one overwrites. */
static struct outcome run(const int seconds[FRAMES], size_t at_once)
{
	struct pipeline *pipeline;
	char error[PIPELINE_ERROR_SIZE];
	const struct pipeline_options options = { .settings = settings_default(),
		                                  .sink = &sink };
	assert_int_equal(pipeline_new(&options, &pipeline, error), OK);
	for (size_t done = 0; done < FRAMES;) {
		uint8_t bytes[FRAMES][FRAME_BYTES];
		struct frame frames[FRAMES];
		size_t n = 0;
		for (; n < at_once && done < FRAMES; n++, done++) {
			write_frame(bytes[n], (uint8_t)done);
			frames[n] = (struct frame){
				.at = (1000 + seconds[done]) * NS_PER_SEC,
				.bytes = { bytes[n], FRAME_BYTES },
				.length = FRAME_BYTES,
				.link_type = 1,
				.number = done + 1,
			};
		}
		pipeline_frames(pipeline, frames, n);
		memset(bytes, 0xff, sizeof bytes);
	}
	pipeline_finish(pipeline);
	struct outcome outcome = { .summary = pipeline_summary(pipeline) };
	outcome.counters = *outcome.summary.counters;
	pipeline_digest(pipeline, outcome.digest);
	pipeline_free(pipeline);
	return outcome;
}

/* Frames in seconds; which of them lie is told by the frame that follows. */
static const struct {
	const char *what;
	int seconds[FRAMES];
	uint64_t clock_jumps, backwards;
} clocks[] = {
	{ "steady", { 0, 1, 2, 3, 4, 5, 6, 7, 8 }, 0, 0 },
	{ "a pause", { 0, 1, 2, 100, 101, 102, 103, 104, 105 }, 0, 0 },
	{ "one lies", { 0, 1, 2, 100, 4, 5, 6, 7, 8 }, 1, 0 },
	{ "the first lies", { 100, 1, 2, 3, 4, 5, 6, 7, 8 }, 1, 0 },
	{ "every second one lies", { 0, 100, 2, 100, 4, 100, 6, 100, 8 }, 4, 0 },
	{ "the last is late", { 0, 1, 2, 3, 4, 5, 6, 7, 100 }, 0, 0 },
	{ "two lie", { 0, 1, 100, 101, 4, 5, 6, 7, 8 }, 0, 5 },
};

static void clocks_are_judged_alike_in_any_batches(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(clocks); i++) {
		for (size_t at_once = 1; at_once <= FRAMES; at_once++) {
			const struct outcome o = run(clocks[i].seconds, at_once);
			if (o.summary.frames != FRAMES || o.summary.not_ours != FRAMES ||
			    o.counters.of[COUNT_TIME_BACKWARDS] != clocks[i].backwards ||
			    o.summary.probe[PROBE_CLOCK_JUMPS] != clocks[i].clock_jumps)
				fail_msg("%s, %zu at once: %d jumps, %d backwards",
				         clocks[i].what, at_once,
				         (int)o.summary.probe[PROBE_CLOCK_JUMPS],
				         (int)o.counters.of[COUNT_TIME_BACKWARDS]);
		}
	}
}

static void the_digest_is_of_the_frames_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(clocks); i++) {
		const struct outcome whole = run(clocks[i].seconds, FRAMES);
		for (size_t at_once = 1; at_once < FRAMES; at_once++) {
			const struct outcome o = run(clocks[i].seconds, at_once);
			assert_memory_equal(o.digest, whole.digest, sizeof o.digest);
		}
		for (size_t k = 0; k < i; k++) {
			const struct outcome other = run(clocks[k].seconds, FRAMES);
			assert_memory_not_equal(other.digest, whole.digest,
			                        sizeof other.digest);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clocks_are_judged_alike_in_any_batches),
		cmocka_unit_test(the_digest_is_of_the_frames_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
