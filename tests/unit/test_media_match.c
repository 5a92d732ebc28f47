/*
 * Streams that carry the same media, and what was lost between the two points: the truth is
 * what the scene leaves out.
 */
#include <math.h>

#include "tests/unit/scene.h"

#define A "198.18.0.1:4000"
#define RELAY_IN "198.18.0.2:5000"
#define RELAY_OUT "198.18.0.2:5002"
#define B "198.18.0.3:6000"
#define C "198.18.0.4:6000"

enum { PACKETS = 1500, OCTETS = 160, MOST_POINTS = 3 };

enum sound { SPEECH, TONE, SILENCE };

/* The octets of packet i: speech is never the same twice. */
static void fill(uint8_t to[OCTETS], enum sound sound, uint64_t seed, unsigned int i)
{
	uint64_t state = seed * 1000003 + (sound == SPEECH ? i + 1 : i % 2 + 1);
	for (size_t k = 0; k < OCTETS; k++)
		to[k] = sound == SILENCE ? 0xd5 : (uint8_t)disorder_below(&state, 256);
}

/* One point at which the sound is seen. */
struct point {
	const char *src, *dst;
	double later_ms;
	uint64_t seed;
	uint16_t sequence;            /* of its first packet */
	unsigned int lost_from, lost; /* packets that do not come here */
	bool other_rtp;               /* SSRC and time stamps of its own */
};

static void send(struct scene *scene, const struct point *point, enum sound sound)
{
	uint8_t payload[OCTETS];
	for (unsigned int i = 0; i < PACKETS; i++) {
		if (i >= point->lost_from && i < point->lost_from + point->lost)
			continue;
		fill(payload, sound, point->seed, i);
		const struct rtp_says says = {
			.ms = 20.0 * i + point->later_ms,
			.src = point->src,
			.dst = point->dst,
			.ssrc = point->other_rtp ? 2 : 1,
			.timestamp = (point->other_rtp ? 77777 : 0) + 160 * i,
			.sequence = (uint16_t)(point->sequence + i),
			.payload_type = 8,
			.payload = { payload, OCTETS },
		};
		scene_rtp(scene, &says);
	}
}

static const struct {
	const char *what;
	enum sound sound;
	struct point points[MOST_POINTS];
	size_t count;
	bool match; /* the second carries what the first does */
	double before, between, delay_ms;
} cases[] = {
	{ "a relay that rewrites all but the payload",
	  SPEECH,
	  { { A, RELAY_IN, 0, 1, 100, 0, 0, false },
	    { RELAY_OUT, B, 15, 1, 40000, 0, 0, true } },
	  2,
	  true,
	  0,
	  0,
	  15 },
	{ "a relay that keeps all of it",
	  SPEECH,
	  { { A, RELAY_IN, 0, 1, 100, 0, 0, false },
	    { RELAY_OUT, B, 0.5, 1, 100, 0, 0, false } },
	  2,
	  true,
	  0,
	  0,
	  0.5 },
	{ "lost between the two",
	  SPEECH,
	  { { A, RELAY_IN, 0, 1, 100, 0, 0, false },
	    { RELAY_OUT, B, 15, 1, 40000, 700, 12, true } },
	  2,
	  true,
	  0,
	  12,
	  15 },
	{ "lost before the first, and so at both",
	  SPEECH,
	  { { A, RELAY_IN, 0, 1, 100, 700, 12, false },
	    { RELAY_OUT, B, 15, 1, 40000, 700, 12, true } },
	  2,
	  true,
	  12,
	  0,
	  15 },
	{ "other speech",
	  SPEECH,
	  { { A, RELAY_IN, 0, 1, 100, 0, 0, false },
	    { RELAY_OUT, B, 15, 2, 40000, 0, 0, true } },
	  2,
	  false,
	  NAN,
	  NAN,
	  NAN },
	{ "the same speech a second and a half later",
	  SPEECH,
	  { { A, RELAY_IN, 0, 1, 100, 0, 0, false },
	    { RELAY_OUT, B, 1500, 1, 40000, 0, 0, true } },
	  2,
	  false,
	  NAN,
	  NAN,
	  NAN },
	{ "the same tone",
	  TONE,
	  { { A, RELAY_IN, 0, 1, 100, 0, 0, false },
	    { RELAY_OUT, B, 15, 1, 40000, 0, 0, true } },
	  2,
	  false,
	  NAN,
	  NAN,
	  NAN },
	{ "silence",
	  SILENCE,
	  { { A, RELAY_IN, 0, 1, 100, 0, 0, false },
	    { RELAY_OUT, B, 15, 1, 40000, 0, 0, true } },
	  2,
	  false,
	  NAN,
	  NAN,
	  NAN },
	{ "a file that three play",
	  SPEECH,
	  { { A, RELAY_IN, 0, 1, 100, 0, 0, false },
	    { RELAY_OUT, B, 15, 1, 40000, 0, 0, true },
	    { RELAY_OUT, C, 30, 1, 20000, 0, 0, true } },
	  3,
	  false,
	  NAN,
	  NAN,
	  NAN },
	{ "two hosts that have nothing to do with each other play a file",
	  SPEECH,
	  { { A, RELAY_IN, 0, 1, 100, 0, 0, false }, { B, C, 15, 1, 40000, 0, 0, true } },
	  2,
	  false,
	  NAN,
	  NAN,
	  NAN },
};

static void assert_same(double ours, double right, double tolerance)
{
	if (isnan(right))
		assert_true(isnan(ours));
	else
		assert_true(fabs(ours - right) <= tolerance);
}

static void test_pairs(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scene *scene = scene_new();
		print_message("%s\n", cases[i].what);
		for (size_t p = 0; p < cases[i].count; p++)
			send(scene, &cases[i].points[p], cases[i].sound);
		scene_run(scene);
		assert_int_equal(scene_count(scene, RECORD_STREAM), cases[i].count);
		const struct stream_record *first =
		        scene_stream(scene, cases[i].points[0].src, 0);
		const struct stream_record *second =
		        scene_stream(scene, cases[i].points[1].src, 0);
		assert_int_equal(first->upstream, 0);
		assert_int_equal(second->upstream, cases[i].match ? first->id : 0);
		assert_same(second->segment_lost_before, cases[i].before, 0);
		assert_same(second->segment_lost_between, cases[i].between, 0);
		assert_same(second->segment_delay_ms, cases[i].delay_ms, 0.01);
		scene_free(scene);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
