/* What the short way of a stream's steady packets does is what the long one does. */
#include <stdlib.h>
#include <string.h>

#include "analyzer/track/stream.h"

#include "tests/unit/unit.h"

enum { PACKETS = 4000, PTIME_MS = 20, OTHER_TYPE = 13 };

static struct settings settings;

/* One stream twice: `short_way` says which way its packets may go. */
struct twin {
	struct stream_hot hot;
	struct stream stream;
	uint32_t steady;
	bool short_way;
};

static void begin(struct twin *twin, const struct payload_meaning *meaning)
{
	static const struct payload_meaning noise = { .codec = CODEC_CN, .clock_hz = 8000 };
	struct stream_type *type = stream_add_type(&twin->stream, 0, 0, meaning);
	assert_non_null(type);
	assert_non_null(stream_add_type(&twin->stream, OTHER_TYPE, 0, &noise));
	stream_begin(&twin->stream, &twin->hot, &settings, 0);
	if (stream_wants_held(&twin->stream))
		twin->stream.held = calloc(1, sizeof *twin->stream.held);
}

static enum stream_step take_steady(struct twin *twin, const struct stream_packet *sp)
{
	const struct packet packet = { .at = sp->arrival,
		                       .ip_len = sp->ip_len,
		                       .ip_id = sp->ip_id,
		                       .dscp = sp->dscp,
		                       .ttl = sp->ttl };
	const struct packet_glance glance = { .timestamp = sp->timestamp,
		                              .sequence = sp->sequence,
		                              .type_octet = (uint8_t)(sp->payload_type |
		                                                      sp->marker << 7),
		                              .shows = SHOWS_PLAIN_RTP };
	if (twin->hot.run >= twin->hot.most &&
	    !stream_prolong_run(&twin->stream, sp->sequence))
		return STREAM_OTHER;
	const enum stream_step step =
	        stream_take_steady(&twin->hot, &settings.playout, &packet, &glance);
	if (step == STREAM_LEAST)
		twin->stream.transit.least_at = sp->arrival;
	return step;
}

static void feed(struct twin *twin, const struct stream_packet *packet)
{
	if (twin->short_way && take_steady(twin, packet) != STREAM_OTHER) {
		twin->steady++;
		return;
	}
	if (stream_must_switch(&twin->stream, packet->payload_type))
		stream_switch(&twin->stream, packet->payload_type,
		              stream_type(&twin->stream, packet->payload_type), NULL);
	stream_update(&twin->stream, &settings, packet);
}

#define assert_same_member(a, b, member)                                                   \
	assert_memory_equal(&(a)->member, &(b)->member, sizeof(a)->member)

static void assert_same(const struct twin *a, const struct twin *b)
{
	assert_same_member(a, b, stream.state);
	assert_same_member(a, b, stream.delay_variation);
	assert_same_member(a, b, stream.counts);
	assert_same_member(a, b, stream.transit);
	assert_same_member(a, b, stream.fate.words);
	assert_same_member(a, b, stream.fate.base);
	assert_same_member(a, b, stream.fate.stream);
	assert_same_member(a, b, stream.fate.interval);
	assert_same_member(a, b, hot.last);
	assert_same_member(a, b, hot.octets);
	assert_same_member(a, b, hot.ip_id);
	assert_same_member(a, b, hot.near);
	assert_int_equal(a->hot.received + a->hot.run, b->hot.received + b->hot.run);
	assert_int_equal(stream_packets(&a->stream), stream_packets(&b->stream));
}

/* Of copies, for who is asked goes on with its run. */
static void assert_same_if_settled(const struct twin *a, const struct twin *b)
{
	struct twin left = *a;
	struct twin right = *b;
	left.stream.hot = &left.hot;
	right.stream.hot = &right.hot;
	stream_settle(&left.stream);
	stream_settle(&right.stream);
	assert_same(&left, &right);
}

/* What is kept of both is the same, too. */
static void end_both(struct twin twins[2])
{
	struct burst_figures views[2][FATE_VIEWS];
	struct span blobs[2];
	for (size_t t = 0; t < 2; t++) {
		struct stream *stream = &twins[t].stream;
		stream_end(stream, &settings);
		fate_stream(&stream->state.fate, &stream->fate, views[t]);
		blobs[t] = timeline_blob(&stream->timeline);
	}
	for (size_t v = 0; v < FATE_VIEWS; v++) {
		assert_int_equal(views[0][v].expected, views[1][v].expected);
		assert_int_equal(views[0][v].bad, views[1][v].bad);
		assert_int_equal(views[0][v].runs, views[1][v].runs);
		assert_int_equal(views[0][v].burst_packets, views[1][v].burst_packets);
	}
	assert_int_equal(blobs[0].len, blobs[1].len);
	assert_true(blobs[0].len > 0);
	assert_memory_equal(blobs[0].at, blobs[1].at, blobs[0].len);
	for (size_t t = 0; t < 2; t++) {
		free(twins[t].stream.held);
		stream_drop(&twins[t].stream);
	}
}

struct sender {
	uint64_t seed;
	uint32_t clock_hz;
	double at_ms;
	uint32_t timestamp;
	uint16_t sequence;
	uint8_t ttl;
};

/* Most go out as they should; one in `odd` does not, in one of many ways. */
static struct stream_packet send(struct sender *s, uint32_t odd)
{
	const uint32_t ticks = s->clock_hz * PTIME_MS / 1000;
	const double delay_ms = disorder_below(&s->seed, 1000) / 250.0;
	struct stream_packet packet = { .ip_len = 200, .payload_len = 160 };
	s->at_ms += PTIME_MS;
	s->timestamp += ticks;
	s->sequence++;
	packet.arrival = (nstime)((s->at_ms + delay_ms) * 1e6);
	packet.timestamp = s->timestamp;
	packet.sequence = s->sequence;
	packet.ip_id = (uint16_t)disorder(&s->seed);
	const uint32_t kind = disorder_below(&s->seed, odd);
	switch (kind) {
	case 0: /* lost: one, or an outage */
		s->sequence =
		        (uint16_t)(s->sequence + (disorder_below(&s->seed, 2) ? 1 : 4000));
		s->timestamp += ticks;
		s->at_ms += PTIME_MS;
		break;
	case 1: /* late, or once more */
		packet.sequence =
		        (uint16_t)(packet.sequence - 1 - disorder_below(&s->seed, 3));
		break;
	case 2:
		packet.arrival += (nstime)disorder_below(&s->seed, 300) * NS_PER_MS;
		break;
	case 3:
		packet.arrival -= (nstime)disorder_below(&s->seed, 60) * NS_PER_MS;
		break;
	case 4:
		packet.payload_type = OTHER_TYPE;
		break;
	case 5:
		packet.marker = true;
		break;
	case 6:
		s->ttl ^= 1;
		break;
	case 7: /* another frame length, for once or for long */
		packet.timestamp += ticks;
		s->timestamp += disorder_below(&s->seed, 2) ? ticks : 0;
		break;
	case 8: /* silence */
		s->at_ms += disorder_below(&s->seed, 1000);
		break;
	case 9:
		s->timestamp += (uint32_t)disorder(&s->seed);
		break;
	default:
		break;
	}
	packet.ttl = s->ttl;
	return packet;
}

static const struct {
	const char *what;
	struct payload_meaning meaning;
	uint32_t odd; /* one packet in about a tenth of this many */
	uint32_t least_steady;
} cases[] = {
	{ "an orderly stream", { .codec = CODEC_PCMU, .clock_hz = 8000 }, 2000, 3000 },
	{ "a disorderly one", { .codec = CODEC_PCMU, .clock_hz = 8000 }, 40, 500 },
	{ "a mess", { .codec = CODEC_PCMU, .clock_hz = 8000 }, 11, 1 },
	{ "a wide band", { .codec = CODEC_OPUS, .clock_hz = 48000 }, 100, 500 },
	/* 20 ms are 441 of its ticks, and no whole number of microseconds at others' */
	{ "a clock of music", { .codec = CODEC_L16, .clock_hz = 22050 }, 100, 500 },
	{ "a type that nobody explains", { .codec = CODEC_UNKNOWN }, 100, 500 },
};

static void both_ways_are_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct twin twins[2] = { { .short_way = true }, { .short_way = false } };
		const uint32_t hz = cases[i].meaning.clock_hz;
		struct sender sender = { .seed = 77 + i, .clock_hz = hz ? hz : 16000 };
		begin(&twins[0], &cases[i].meaning);
		begin(&twins[1], &cases[i].meaning);
		for (uint32_t n = 0; n < PACKETS; n++) {
			const struct stream_packet packet = send(&sender, cases[i].odd);
			if (n % 500 == 499) { /* its address is announced anew */
				stream_interrupt(&twins[0].stream);
				stream_interrupt(&twins[1].stream);
			}
			feed(&twins[0], &packet);
			feed(&twins[1], &packet);
			if (n % 700 == 699) { /* somebody wants to know */
				stream_settle(&twins[0].stream);
				assert_same(&twins[0], &twins[1]);
			}
			assert_same_if_settled(&twins[0], &twins[1]);
		}
		if (twins[0].steady < cases[i].least_steady)
			fail_msg("%s: %u steady packets", cases[i].what, twins[0].steady);
		end_both(twins);
	}
}

/*
 * In order and on time, but for a packet that is lost, and, when that leaves the window of
 * fates, for what comes then: the run has made way for it already.
 */
enum { LOST = 100, LEAVES = LOST + FATE_WINDOW, SENT = LEAVES + 10 };

static const struct {
	const char *what;
	uint32_t lost; /* so many, one behind the other */
	nstime late;
	bool marker;
	uint32_t steady; /* behind the loss, at least */
} then[] = {
	{ "one more", 1, 0, false, SENT - (LOST + 2) },
	{ "a marker", 1, 0, true, SENT - (LOST + 2) - 1 },
	{ "another interval", 1, 10000 * NS_PER_MS, false, LEAVES - (LOST + 2) },
	{ "another one that leaves", 2, 0, false, SENT - (LOST + 3) },
	{ "many that leave", 30, 0, false, SENT - (LOST + 31) },
};

static void a_loss_does_not_end_the_run_behind_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(then); i++) {
		struct twin twins[2] = { { .short_way = true }, { .short_way = false } };
		begin(&twins[0], &cases[0].meaning);
		begin(&twins[1], &cases[0].meaning);
		for (uint32_t n = 0; n < SENT; n++) {
			const nstime late = n < LEAVES ? 0 : then[i].late;
			const struct stream_packet packet = {
				.arrival = (nstime)n * PTIME_MS * NS_PER_MS + late,
				.timestamp = n * 8 * PTIME_MS,
				.sequence = (uint16_t)n,
				.marker = n == LEAVES && then[i].marker,
				.ip_len = 200,
				.payload_len = 160,
			};
			if (n >= LOST && n < LOST + then[i].lost)
				continue;
			if (n == LOST + then[i].lost + 1)
				twins[0].steady = 0; /* the run has begun anew */
			feed(&twins[0], &packet);
			feed(&twins[1], &packet);
			assert_same_if_settled(&twins[0], &twins[1]);
		}
		if (twins[0].steady < then[i].steady)
			fail_msg("%s: %u steady packets", then[i].what, twins[0].steady);
		end_both(twins);
	}
}

static int set_settings(void **state)
{
	(void)state;
	settings = settings_default();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ways_are_one),
		cmocka_unit_test(a_loss_does_not_end_the_run_behind_it),
	};
	return cmocka_run_group_tests(tests, set_settings, NULL);
}
