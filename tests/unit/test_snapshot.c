#include "analyzer/analyzer.h"

#include <math.h>
#include <string.h>

#include "tests/unit/records.h"
#include "tests/unit/unit.h"

enum { KEPT = 8 };

struct taken {
	struct record records[KEPT];
	size_t count;
};

/* Of legs and calls. */
static void accept(void *self, const struct record *record)
{
	struct taken *taken = self;
	if (record->kind != RECORD_LEG && record->kind != RECORD_CALL)
		return;
	assert_true(taken->count < KEPT);
	taken->records[taken->count++] = *record;
}

static const char invite[] = "INVITE sip:bob@b.example SIP/2.0\r\n"
                             "Via: SIP/2.0/UDP 198.18.0.1;branch=z9hG4bK1\r\n"
                             "From: <sip:alice@a.example>;tag=1\r\n"
                             "To: <sip:bob@b.example>\r\n"
                             "Call-ID: snap@a.example\r\n"
                             "CSeq: 1 INVITE\r\n"
                             "Content-Length: 0\r\n\r\n";
static const char refused[] = "SIP/2.0 486 Busy Here\r\n"
                              "Via: SIP/2.0/UDP 198.18.0.1;branch=z9hG4bK1\r\n"
                              "From: <sip:alice@a.example>;tag=1\r\n"
                              "To: <sip:bob@b.example>;tag=2\r\n"
                              "Call-ID: snap@a.example\r\n"
                              "CSeq: 1 INVITE\r\n"
                              "Content-Length: 0\r\n\r\n";

static void feed(struct analyzer *analyzer, nstime at, uint8_t from, uint8_t to,
                 const char *message)
{
	struct packet packet = {
		.at = at,
		.src = { address_ipv4((uint8_t[]){ 198, 18, 0, from }), 5060 },
		.dst = { address_ipv4((uint8_t[]){ 198, 18, 0, to }), 5060 },
		.transport = TRANSPORT_UDP,
		.payload = { (const uint8_t *)message, strlen(message) },
		.payload_len = (uint32_t)strlen(message),
	};
	enum claim claim;
	analyzer_feed(analyzer, &packet, 1, &claim);
	assert_int_equal(claim, CLAIM_SIP);
}

static void an_open_leg_and_its_call_are_given_as_they_stand(void **state)
{
	(void)state;
	static struct taken finals, seen;
	const struct sink to_finals = { accept, &finals };
	const struct sink to_seen = { accept, &seen };
	struct settings settings = settings_default();
	struct analyzer *analyzer;
	assert_int_equal(analyzer_new(&settings, &to_finals, &analyzer), OK);

	analyzer_snapshot(analyzer, 0, &to_seen);
	assert_int_equal(seen.count, 0);
	feed(analyzer, 100 * NS_PER_SEC, 1, 2, invite);
	analyzer_snapshot(analyzer, 101 * NS_PER_SEC, &to_seen);
	assert_int_equal(seen.count, 0); /* nothing new since then */
	analyzer_snapshot(analyzer, 100 * NS_PER_SEC, &to_seen);
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.records[0].kind, RECORD_LEG);
	assert_int_equal(seen.records[0].leg.state, LEG_IN_PROGRESS);
	assert_string_equal(seen.records[0].leg.sip_call_id, "snap@a.example");
	assert_int_equal(seen.records[1].kind, RECORD_CALL);
	assert_int_equal(seen.records[1].call.state, LEG_IN_PROGRESS);
	assert_int_equal(finals.count, 0);

	/* Having been asked changes nothing: the records come, under the same ids. */
	feed(analyzer, 103 * NS_PER_SEC, 2, 1, refused);
	analyzer_finish(analyzer);
	assert_int_equal(finals.count, 2);
	assert_int_equal(finals.records[0].leg.state, LEG_FAILED);
	assert_true(finals.records[0].leg.id == seen.records[0].leg.id);
	assert_true(finals.records[0].leg.call == seen.records[0].leg.call);
	assert_true(finals.records[1].call.id == seen.records[1].call.id);
	assert_true(finals.records[1].call.id == seen.records[0].leg.call);
	analyzer_snapshot(analyzer, 0, &to_seen);
	assert_int_equal(seen.count, 2);
	analyzer_free(analyzer);
}

/* A long call says nothing for half an hour; what becomes of it is told all the same. */
static void a_talk_is_told_anew(void **state)
{
	(void)state;
	static struct taken finals, seen;
	static const char answered[] = "SIP/2.0 200 OK\r\n"
	                               "Via: SIP/2.0/UDP 198.18.0.1;branch=z9hG4bK1\r\n"
	                               "From: <sip:alice@a.example>;tag=1\r\n"
	                               "To: <sip:bob@b.example>;tag=2\r\n"
	                               "Call-ID: snap@a.example\r\n"
	                               "CSeq: 1 INVITE\r\n"
	                               "Content-Length: 0\r\n\r\n";
	const struct sink to_finals = { accept, &finals };
	const struct sink to_seen = { accept, &seen };
	struct settings settings = settings_default();
	struct analyzer *analyzer;
	finals.count = seen.count = 0;
	assert_int_equal(analyzer_new(&settings, &to_finals, &analyzer), OK);
	feed(analyzer, 100 * NS_PER_SEC, 1, 2, invite);
	for (uint32_t part = 0; part < 30; part++)
		analyzer_checkpoint(analyzer, part, 30, &to_seen);
	assert_int_equal(seen.count, 0); /* its messages tell enough */
	feed(analyzer, 101 * NS_PER_SEC, 2, 1, answered);
	for (uint32_t part = 0; part < 30; part++)
		analyzer_checkpoint(analyzer, part, 30, &to_seen);
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.records[0].leg.answered, 101 * NS_PER_SEC);
	analyzer_finish(analyzer);
	analyzer_free(analyzer);
}

/* --- streams */

struct streams {
	struct record last;
	size_t count;
};

static void accept_stream(void *self, const struct record *record)
{
	struct streams *streams = self;
	if (record->kind != RECORD_STREAM)
		return;
	streams->last = *record;
	streams->last.tail = (struct span){ 0 };
	streams->count++;
}

/* G.711 as it comes, but for each 50th packet. */
enum { PACKETS = 3000, LOST_EACH = 50, PTIME_MS = 20, LOOK_EACH = 500 };

static void feed_rtp(struct analyzer *analyzer, uint32_t number)
{
	uint8_t bytes[172] = { 0x80, 0, (uint8_t)(number >> 8), (uint8_t)number };
	const uint32_t stamp = number * 160;
	for (int i = 0; i < 4; i++)
		bytes[4 + i] = (uint8_t)(stamp >> (24 - 8 * i));
	bytes[11] = 7;
	const struct packet packet = {
		.at = 100 * NS_PER_SEC + (nstime)number * PTIME_MS * NS_PER_MS +
		      (nstime)(number % 7) * NS_PER_MS,
		.src = { address_ipv4((uint8_t[]){ 198, 18, 0, 1 }), 4000 },
		.dst = { address_ipv4((uint8_t[]){ 198, 18, 0, 2 }), 5000 },
		.transport = TRANSPORT_UDP,
		.payload = { bytes, sizeof bytes },
		.payload_len = sizeof bytes,
	};
	enum claim claim;
	analyzer_feed(analyzer, &packet, 1, &claim);
}

static void run_stream(struct streams *finals, struct streams *seen)
{
	const struct sink to_finals = { accept_stream, finals };
	const struct sink to_seen = { accept_stream, seen };
	const struct settings settings = settings_default();
	struct analyzer *analyzer;
	assert_int_equal(analyzer_new(&settings, &to_finals, &analyzer), OK);
	for (uint32_t number = 1; number <= PACKETS; number++) {
		if (number % LOST_EACH)
			feed_rtp(analyzer, number);
		for (uint32_t part = 0; seen && number % LOOK_EACH == 1 && part < 3; part++)
			analyzer_checkpoint(analyzer, part, 3, &to_seen);
	}
	analyzer_finish(analyzer);
	analyzer_free(analyzer);
}

static void a_long_stream_is_given_as_it_stands_and_is_not_changed(void **state)
{
	(void)state;
	static struct streams plain, finals, seen;
	run_stream(&plain, NULL);
	run_stream(&finals, &seen);
	assert_int_equal(plain.count, 1);
	assert_int_equal(finals.count, 1);
	assert_null(records_differ(&plain.last, &finals.last));
	/* From 501 on it has lasted for 10 s. */
	assert_int_equal(seen.count, 5);
	const struct stream_record *stream = &seen.last.stream;
	const uint64_t number = 5 * LOOK_EACH + 1;
	assert_int_equal(stream->packets, number - number / LOST_EACH);
	assert_int_equal(stream->expected, number);
	assert_int_equal(stream->lost, number / LOST_EACH);
	assert_true(stream->flags & STREAM_IN_PROGRESS);
	assert_false(finals.last.stream.flags & STREAM_IN_PROGRESS);
	assert_true(stream->id == finals.last.stream.id);
	assert_true(stream->mos_lq > 1 && stream->mos_lq < 4.5);
	assert_true(stream->jitter_mean_ms > 0);
}

/* Media of a call: its streams are told as the call's, and the call as they sound so far.
 */
struct in_flight {
	struct record call, stream;
	size_t calls, streams;
};

static void accept_in_flight(void *self, const struct record *record)
{
	struct in_flight *seen = self;
	if (record->kind == RECORD_CALL) {
		seen->call = *record;
		seen->calls++;
	} else if (record->kind == RECORD_STREAM) {
		seen->stream = *record;
		seen->streams++;
	}
}

#define SDP_OF(address, port)                                                              \
	"Content-Type: application/sdp\r\nContent-Length: 89\r\n\r\n"                      \
	"v=0\r\no=- 1 1 IN IP4 " address "\r\ns=-\r\nc=IN IP4 " address "\r\nt=0 0\r\n"    \
	"m=audio " port " RTP/AVP 0\r\n"

static void a_call_sounds_so_far(void **state)
{
	(void)state;
	static struct in_flight early, seen;
	static const char offer[] = "INVITE sip:bob@b.example SIP/2.0\r\n"
	                            "Via: SIP/2.0/UDP 198.18.0.1;branch=z9hG4bK1\r\n"
	                            "From: <sip:alice@a.example>;tag=1\r\n"
	                            "To: <sip:bob@b.example>\r\n"
	                            "Call-ID: flight@a.example\r\n"
	                            "CSeq: 1 INVITE\r\n" SDP_OF("198.18.0.1", "4000");
	static const char answer[] = "SIP/2.0 200 OK\r\n"
	                             "Via: SIP/2.0/UDP 198.18.0.1;branch=z9hG4bK1\r\n"
	                             "From: <sip:alice@a.example>;tag=1\r\n"
	                             "To: <sip:bob@b.example>;tag=2\r\n"
	                             "Call-ID: flight@a.example\r\n"
	                             "CSeq: 1 INVITE\r\n" SDP_OF("198.18.0.2", "5000");
	const struct sink nowhere = { accept_stream, &(struct streams){ .count = 0 } };
	const struct sink to_early = { accept_in_flight, &early };
	const struct sink to_seen = { accept_in_flight, &seen };
	const struct settings settings = settings_default();
	struct analyzer *analyzer;
	assert_int_equal(analyzer_new(&settings, &nowhere, &analyzer), OK);
	feed(analyzer, 99 * NS_PER_SEC, 1, 2, offer);
	feed(analyzer, 100 * NS_PER_SEC, 2, 1, answer);
	for (uint32_t number = 1; number <= 1000; number++) {
		if (number % LOST_EACH)
			feed_rtp(analyzer, number);
		if (number == 400)
			analyzer_checkpoint(analyzer, 0, 1, &to_early);
	}
	analyzer_checkpoint(analyzer, 0, 1, &to_seen);
	/* After 8 s there is nothing to say yet. */
	assert_int_equal(early.calls, 1);
	assert_int_equal(early.streams, 0);
	assert_true(isnan(early.call.call.mos_lq_min));
	assert_int_equal(seen.calls, 1);
	assert_int_equal(seen.streams, 1);
	assert_true(seen.stream.stream.call == seen.call.call.id);
	assert_int_equal(seen.stream.stream.direction, DIRECTION_FORWARD);
	/* Packet 1000 is one of those that did not come. */
	assert_float_equal(seen.stream.stream.loss_pct, 100.0 * 19 / 999, 1e-9);
	assert_int_equal(seen.call.call.state, LEG_IN_PROGRESS);
	assert_true(seen.call.call.mos_lq_min_stream == seen.stream.stream.id);
	assert_float_equal(seen.call.call.mos_lq_min, seen.stream.stream.mos_lq, 0);
	assert_true(seen.call.call.mos_lq_min > 1 && seen.call.call.mos_lq_min < 4.4);
	/* A message more, and it is told again: no less is known of it. */
	seen = (struct in_flight){ .calls = 0 };
	analyzer_snapshot(analyzer, 0, &to_seen);
	assert_int_equal(seen.calls, 1);
	assert_true(seen.call.call.mos_lq_min < 4.4);
	analyzer_finish(analyzer);
	analyzer_free(analyzer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_talk_is_told_anew),
		cmocka_unit_test(a_long_stream_is_given_as_it_stands_and_is_not_changed),
		cmocka_unit_test(a_call_sounds_so_far),
		cmocka_unit_test(an_open_leg_and_its_call_are_given_as_they_stand),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
