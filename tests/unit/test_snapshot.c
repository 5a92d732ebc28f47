#include "analyzer/analyzer.h"

#include <string.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_talk_is_told_anew),
		cmocka_unit_test(an_open_leg_and_its_call_are_given_as_they_stand),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
