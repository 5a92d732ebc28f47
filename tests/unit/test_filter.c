#include "schema/filter.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "schema/query.h"
#include "schema/store.h"
#include "tests/unit/unit.h"

#include "tests/unit/records.h"

/* Saturday 2026-01-31 10:00 UTC; `now` is an hour later. */
#define AT INT64_C(1769853600000000000)
#define NOW (AT + 3600 * NS_PER_SEC)

enum { PARTS = 4 };
static struct record call, parts[PARTS], registration;
static const struct record *part_list[PARTS];
static struct query *query;
static char path[64];

static struct endpoint endpoint_of(const char *text)
{
	struct endpoint endpoint;
	assert_int_equal(endpoint_parse(text_from(text), &endpoint), OK);
	return endpoint;
}

/* A call with a leg that was refused, one that was answered and held, and two streams. */
static void fill_legs(void)
{
	for (size_t i = 0; i < 2; i++) {
		struct leg_record *leg = &parts[i].leg;
		record_clear(&parts[i], RECORD_LEG);
		leg->id = UINT64_C(0xa000000000000001) + i;
		leg->call = call.call.id;
		leg->start =
		        AT + (nstime)i * NS_PER_SEC + 999; /* not a whole microsecond */
		leg->src = endpoint_of(i ? "[2001:db8::1]:5060" : "198.18.0.1:5060");
		leg->dst = endpoint_of(i ? "198.18.1.10:5080" : "198.18.1.1:5061");
		leg->status = i ? 200 : 503;
		leg->state = i ? LEG_COMPLETED : LEG_FAILED;
		leg->pdd_ms = i ? 1500 : (double)NAN;
		leg->messages = 7;
		leg->codecs = i ? (struct codec_list){ 1, { CODEC_PCMA } }
		                : (struct codec_list){ 0 };
		leg->flags = i ? LEG_HELD | LEG_SRTP : 0;
		strcpy(leg->sip_call_id, i ? "two@host" : "one@host");
		strcpy(leg->from,
		       i ? "sip:+4420\\1\"x@a.example" : "sip:al\xffice@a.example");
		strcpy(leg->to, "sip:bob@b.example");
		strcpy(i ? leg->trunk_dst : leg->trunk_src, i ? "carrier-a" : "pbx");
		strcpy(leg->number_to, i ? "+442079460018" : "02079460018");
		if (i)
			strcpy(leg->asserted, "sip:+4930123456@a.example;user=phone");
		else
			strcpy(leg->diverted_from, "tel:201");
	}
}

static void fill_streams(void)
{
	for (size_t i = 0; i < 2; i++) {
		struct stream_record *stream = &parts[2 + i].stream;
		record_clear(&parts[2 + i], RECORD_STREAM);
		stream->id = UINT64_C(0x5000000000000001) + i;
		stream->call = call.call.id;
		stream->leg = parts[1].leg.id;
		stream->direction = i ? DIRECTION_FORWARD : DIRECTION_NONE;
		stream->codec = i ? CODEC_OPUS : CODEC_PCMA;
		stream->clock_hz = i ? 48000 : 8000;
		stream->ssrc = 0x17cb308c;
		stream->src = endpoint_of("198.18.7.1:4000");
		stream->loss_pct = i ? 1.25 : 0;
		stream->lost = i ? 5 : 0;
		stream->payload_types =
		        (struct payload_type_counts){ 1, { i ? 111 : 8 }, { 250 } };
		stream->first = AT + 2 * NS_PER_SEC;
	}
}

static void fill(void)
{
	record_clear(&call, RECORD_CALL);
	call.call.id = UINT64_C(0xc0ffee0000000001);
	call.call.start = AT + 999;
	call.call.state = LEG_COMPLETED;
	call.call.mos_lq_min = 3.5;
	call.call.mos_lq_min_band = BAND_NB;
	call.call.one_way = true;
	fill_legs();
	fill_streams();
	call.call.legs = (struct id_list){ 2, { parts[0].leg.id, parts[1].leg.id } };
	for (size_t i = 0; i < PARTS; i++)
		part_list[i] = &parts[i];
	record_clear(&registration, RECORD_REGISTRATION);
	registration.registration.id = 7;
	registration.registration.src = endpoint_of("198.18.0.9:1024");
	registration.registration.at = AT;
	registration.registration.status = 200;
	registration.registration.expires_s = 3600;
	strcpy(registration.registration.aor, "sip:carol@a.example");
}

static void add(struct store *store, const struct record *record)
{
	if (store_add(store, record) != OK)
		fail_msg("%s", store_error(store));
}

static int make_database(void **state)
{
	(void)state;
	const struct run_info info = { .options = "",
		                       .sensor = "local",
		                       .program = "test" };
	const struct run_result result = { .frames = 1, .summary = "{}" };
	struct db_error error;
	struct store *store;
	bool there;
	snprintf(path, sizeof path, "/tmp/earshot-filter-%d.db", (int)getpid());
	unlink(path);
	fill();
	if (store_open(path, &store, &error) != OK || store_begin_run(store, &info) != OK)
		return -1;
	for (size_t i = 0; i < PARTS; i++)
		add(store, &parts[i]);
	add(store, &call);
	add(store, &registration);
	const bool done = store_end_run(store, &result, &there) == OK;
	store_close(store);
	return done && query_open(path, &query, &error) == OK ? 0 : -1;
}

static int remove_database(void **state)
{
	(void)state;
	query_close(query);
	return unlink(path);
}

static struct filter *parsed(const char *text, enum record_kind kind)
{
	struct filter_error error;
	struct filter *filter;
	if (filter_parse(text_from(text), kind, &filter, &error) != OK)
		fail_msg("%s: column %zu: %s", text, error.column, error.text);
	return filter;
}

/* How many records of the kind does the database find? */
static size_t count_found(const struct filter *filter, const char *text)
{
	const struct query_list list = {
		.kind = filter_kind(filter), .filter = filter, .now = NOW, .limit = 100
	};
	struct record record;
	struct rows rows;
	size_t count = 0;
	enum status status = query_list(query, &list, &rows);
	while (status == OK && (status = rows_next(&rows, &record)) == OK)
		count++;
	rows_end(&rows);
	if (status != ERR_NOT_FOUND)
		fail_msg("%s: %s", text, query_error(query));
	return count;
}

static bool matched(const struct filter *filter, const struct record *record)
{
	const struct filter_subject subject = { record, part_list, PARTS, NOW };
	return filter_matches(filter, &subject);
}

/* In the database and in memory. */
static void check_truth(const char *text, enum record_kind kind,
                        const struct record *const *records, size_t count, size_t expected)
{
	struct filter *filter = parsed(text, kind);
	size_t seen = 0;
	for (size_t i = 0; i < count; i++)
		seen += matched(filter, records[i]);
	const size_t found = count_found(filter, text);
	if (seen != expected || found != expected)
		fail_msg("%s: %zu in memory, %zu by SQL, not %zu", text, seen, found,
		         expected);
	filter_free(filter);
}

/* clang-format off */
static const struct {
	const char *filter;
	bool matches;
} of_the_call[] = {
	/* its own fields */
	{ "mos_lq_min < 3.6", true },
	{ "mos_lq_min < 3.5", false },
	{ "mos_lq_min <= 3.5", true },
	{ "mos_lq_min > 3.5", false },
	{ "mos_lq_min >= 3.50", true },
	{ "mos_lq_min = 3.5", true },
	{ "mos_lq_min == 3.5", true },
	{ "mos_lq_min != 3.5", false },
	{ "mos_lq_min in (1, 3.5, 4)", true },
	{ "mos_lq_min not in (1, 3.5)", false },
	{ "mos_lq_min_band = nb", true },
	{ "mos_lq_min_band in (wb, fb)", false },
	{ "state = completed", true },
	{ "state = \"COMPLETED\"", true },
	{ "state != failed", true },
	{ "id = c0ffee0000000001", true },
	{ "id = c0ff", true },
	{ "id = C0FFEF", false },
	{ "legs = a000000000000002", true },
	{ "legs = a00000000000000", true },
	{ "legs = 000000000000002", false },
	/* true and false */
	{ "one_way", true },
	{ "not one_way", false },
	{ "!one_way", false },
	{ "one_way = true", true },
	{ "one_way = false", false },
	{ "one_way != false", true },
	{ "not not one_way", true },
	{ "capture_loss", false },
	{ "capture_loss = no", true },
	/* what is not known compares false, and its negation true */
	{ "ended = null", true },
	{ "ended != null", false },
	{ "start != null", true },
	{ "ended > 2000-01-01", false },
	{ "ended <= 2000-01-01", false },
	{ "not ended > 2000-01-01", true },
	{ "ended != 2000-01-01", false },
	{ "not ended = 2000-01-01", true },
	{ "not (ended = 2000-01-01 and one_way)", true },
	{ "not (ended = 2000-01-01 or one_way)", false },
	/* times; the start is 999 ns behind its second, which the database does not know */
	{ "start = 2026-01-31T10:00:00Z", true },
	{ "start = 2026-01-31T10:00", true },
	{ "start = \"2026-01-31 10:00:00\"", true },
	{ "start = 2026-01-31T11:30:00+01:30", true },
	{ "start = 2026-01-31T05:00:00-05:00", true },
	{ "start > 2026-01-31T10:00:00.000000Z", false },
	{ "start > 2026-01-31T09:59:59.999999Z", true },
	{ "start >= 2026-01-31", true },
	{ "start < 2026-02-01", true },
	{ "start < 2026-01-31", false },
	{ "start > -2h", true },
	{ "start > -59m", false },
	{ "start = -1h", true },
	{ "start = -59m60s", true },
	{ "start > -1w and start < now and start < +1d", true },
	/* words between */
	{ "one_way and capture_loss", false },
	{ "one_way or capture_loss", true },
	{ "capture_loss and one_way or one_way", true },
	{ "capture_loss and (one_way or one_way)", false },
	{ "one_way && !capture_loss || capture_loss", true },
	{ "not capture_loss and one_way", true },
	/* any of its legs */
	{ "status = 503", true },
	{ "status = 200", true },
	{ "status = 404", false },
	{ "status in (404, 503)", true },
	{ "status != 404", true },
	{ "status != 503", false },
	{ "status not in (404, 500)", true },
	{ "status >= 500", true },
	{ "status > 503", false },
	{ "status = 200 and status = 503", true },
	{ "leg(status = 200 and status = 503)", false },
	{ "leg(status = 200 and held)", true },
	{ "leg(status = 503 and held)", false },
	{ "leg(status = 200 and stream(loss_pct > 1%))", true },
	{ "leg(status = 503 and loss_pct >= 0)", false },
	{ "not leg(status = 404)", true },
	{ "leg.start > 2026-01-31T10:00:00.5Z", true },
	{ "leg.state = failed", true },
	{ "pdd_ms > 1400", true },
	{ "pdd_ms > 1.4s", true },
	{ "pdd_ms = 1.5s", true },
	{ "pdd_ms < 0.025m", false },
	{ "pdd_ms = null", false }, /* it is, of one leg; of another it is known */
	{ "duration_s = null", true },
	{ "duration_s != null", false },
	{ "codecs = pcma", true },
	{ "codecs = PCMU", false },
	{ "codecs != null", true },
	{ "held", true },
	{ "held = false", false },
	{ "t38", false },
	{ "not t38", true },
	{ "t38 = null", true }, /* a time of that name: when */
	{ "flags = srtp", true },
	{ "flags in (t38, held)", true },
	{ "flags != t38", true },
	{ "sip_call_id = \"two@host\"", true },
	{ "sip_call_id = two@host", true },
	{ "sip_call_id = two@hos", false },
	/* texts from the wire */
	{ "from ~ al", true },
	{ "to ~ \"^sip:.*@b\\.example$\"", true },
	{ "leg(from ~ \"^sip:al\" and from ~ \"ice@a\\.example$\")", true },
	{ "from ~ \"al.*ice\"", false }, /* nothing matches what is not UTF-8 */
	{ "from ~ \"^bob\"", false },
	{ "from ~ \"(?i)ALICE|\\+44\"", true },
	{ "from = \"sip:+4420\\\\1\\\"x@a.example\"", true },
	{ "from = 'sip:+4420\\1\"x@a.example'", true },
	{ "to != \"sip:bob@b.example\"", false },
	{ "party ~ bob", true },
	{ "party ~ carol", false },
	{ "user_agent = null", true },
	{ "number = \"+44 20 7946 0018\"", true },
	{ "leg(number = \"+44 20 7946 0018\" and status = 503)", true }, /* dialled at home */
	{ "number = 00442079460018", true },
	{ "number = 02079460018", true },
	{ "number in (5, 79460018)", true },
	{ "number = 79460019", false },
	{ "number = 123456 and number = 201", true },
	{ "leg(number = 123456 and number = 201)", false },
	{ "number = 201 or status = 999", true },
	{ "number != 201", false },
	{ "number != 999", true },
	{ "number ~ 'a.example'", true },
	{ "number != null", true },
	{ "not leg(number = 18)", false },
	{ "leg(not number = 201)", true },
	{ "trunk = \"carrier-a\"", true },
	{ "trunk = pbx and trunk_dst = carrier-a", true },
	{ "leg(trunk = pbx and trunk = carrier-a)", false },
	{ "trunk in (carrier-b, pbx)", true },
	{ "trunk != carrier-b", true },
	{ "trunk != carrier-a", false },
	{ "trunk = null or stream.trunk != null", false },
	{ "stream.trunk = null", true },
	{ "user_agent ~ \"\"", false },
	{ "from = \"sip:bob'; DROP TABLE call; --\"", false },
	{ "from in (\"x\", \"\\\" OR 1=1 --\", \"%\")", false },
	{ "to ~ \"'\\) OR 1=1 --\" ", false },
	/* addresses */
	{ "src = 198.18.0.1", true },
	{ "src = 198.18.0.1:5060", true },
	{ "src = 198.18.0.1:5061", false },
	{ "src = 198.18.0.10", false },
	{ "dst = 198.18.1.1", true },
	{ "src = 2001:db8::1", true },
	{ "src = 2001:DB8:0::1", true },
	{ "src = \"[2001:db8::1]:5060\"", true },
	{ "src = [2001:db8::1]:5060", true },
	{ "src in 198.18.0.0/16", true },
	{ "src in 198.18.0.0/31", true },
	{ "src in 198.18.0.2/31", false },
	{ "src in (10.0.0.0/8, 2001:db8::/32)", true },
	{ "src in ::/0", true },
	{ "leg(src in 0.0.0.0/0 and src in ::/0)", false },
	{ "src = 198.18.0.0/24", true },
	{ "address in 198.18.1.0/24", true },
	{ "address in 198.18.2.0/24", false },
	{ "address != 198.18.1.1", false },
	{ "address != 198.18.9.9", true },
	{ "dst != null", true },
	/* any of its streams */
	{ "codec = opus", true },
	{ "codec in (G729, PCMA)", true },
	{ "codec = G729", false },
	{ "codec != G729", true },
	{ "codec != opus", false },
	{ "codec ~ \"^(opus|EVS)$\"", true },
	{ "loss_pct > 1", true },
	{ "loss_pct > 1.25", false },
	{ "lost = 5", true },
	{ "lost = 5.5", false },
	{ "lost >= 4.5", true },
	{ "lost = 0", true },
	{ "stream(lost = 5 and codec = PCMA)", false },
	{ "stream(lost = 5 and codec = opus)", true },
	{ "stream.src in 198.18.7.0/24", true },
	{ "src in 198.18.7.0/24", false },
	{ "ssrc = 0x17CB308C", true },
	{ "ssrc = 399192204", true },
	{ "ssrc = 0", false },
	{ "payload_types = 111", true },
	{ "payload_types = 11", false },
	{ "direction = forward", true },
	{ "direction != reverse", true },
	{ "stream(direction = null)", true },
	{ "jitter_mean_ms = null", true },
	{ "clock_hz = 48kHz", true },
	{ "ended_by = null and not encrypted", true },
};
/* clang-format on */

static void test_of_the_call(void **state)
{
	(void)state;
	const struct record *const records[] = { &call };
	for (size_t i = 0; i < ARRAY_LEN(of_the_call); i++)
		check_truth(of_the_call[i].filter, RECORD_CALL, records, 1,
		            of_the_call[i].matches);
}

static void test_other_kinds(void **state)
{
	(void)state;
	const struct record *const legs[] = { &parts[0], &parts[1] };
	const struct record *const streams[] = { &parts[2], &parts[3] };
	const struct record *const registrations[] = { &registration };
	check_truth("status = 503", RECORD_LEG, legs, 2, 1);
	check_truth("src != null", RECORD_LEG, legs, 2, 2);
	check_truth("loss_pct > 1", RECORD_LEG, legs, 2, 1);
	check_truth("stream(codec = opus and lost = 0)", RECORD_LEG, legs, 2, 0);
	check_truth("call = c0ffee", RECORD_LEG, legs, 2, 2);
	check_truth("leg = a000000000000002", RECORD_STREAM, streams, 2, 2);
	check_truth("leg = a000000000000001", RECORD_STREAM, streams, 2, 0);
	check_truth("first > -2h and lost < 5", RECORD_STREAM, streams, 2, 1);
	check_truth("status = 200 and expires_s >= 1h", RECORD_REGISTRATION, registrations,
	            1, 1);
	check_truth("authenticated or aor ~ \"^sip:dave\"", RECORD_REGISTRATION,
	            registrations, 1, 0);
}

/* `count` times `each`, joined by `between`. */
static char *repeated(const char *first, const char *each, const char *between,
                      size_t count, const char *last)
{
	const size_t size =
	        strlen(first) + strlen(last) + count * (strlen(each) + strlen(between)) + 1;
	char *text = malloc(size);
	assert_non_null(text);
	size_t len = (size_t)snprintf(text, size, "%s", first);
	for (size_t i = 0; i < count; i++)
		len += (size_t)snprintf(text + len, size - len, "%s%s", i ? between : "",
		                        each);
	snprintf(text + len, size - len, "%s", last);
	return text;
}

static enum status try_parse(char *text, struct filter_error *error)
{
	struct filter *filter = NULL;
	const enum status status =
	        filter_parse(text_from(text), RECORD_CALL, &filter, error);
	if (status == OK)
		count_found(filter, text);
	if (status == OK)
		matched(filter, &call);
	filter_free(filter);
	free(text);
	return status;
}

static void test_bounds(void **state)
{
	struct filter_error error;
	(void)state;
	assert_int_equal(
	        try_parse(repeated("", "(", "", 12, "one_way))))))))))))"), &error), OK);
	/* As deep as it goes in what SQLite nests most. */
	assert_int_equal(try_parse(repeated("", "one_way and (", "", 14,
	                                    "leg(held and stream(not lost = 1))"
	                                    "))))))))))))))"),
	                           &error),
	                 ERR_TOO_LONG);
	assert_int_equal(try_parse(repeated("", "one_way and (", "", 11,
	                                    "leg(held and stream(not (lost = 1)))"
	                                    ")))))))))))"),
	                           &error),
	                 OK);
	assert_int_equal(try_parse(repeated("", "(", "", 4000, ""), &error), ERR_TOO_LONG);
	assert_int_equal(error.column, FILTER_DEPTH_MAX + 1);
	assert_int_equal(try_parse(repeated("", "not", " ", 1000, " held"), &error),
	                 ERR_TOO_LONG);
	assert_int_equal(try_parse(repeated("leg(", "leg(", "", 100, "held"), &error),
	                 ERR_MALFORMED);
	assert_int_equal(try_parse(repeated("", "one_way", " or ", 200, ""), &error), OK);
	assert_int_equal(try_parse(repeated("", "held", " or ", 500, ""), &error),
	                 ERR_TOO_LONG);
	assert_int_equal(try_parse(repeated("status in (", "1", ",", 400, ")"), &error),
	                 OK);
	assert_int_equal(try_parse(repeated("status in (", "1", ",", 600, ")"), &error),
	                 ERR_TOO_LONG);
	/* Each value twice, once for each field of the name, and aliases of codecs. */
	assert_int_equal(
	        try_parse(repeated("party in (", "\"0123456789\"", ",", 250, ")"), &error),
	        OK);
	assert_int_equal(try_parse(repeated("from = \"", "x", "", 4000, "\""), &error), OK);
	assert_int_equal(try_parse(repeated("from = \"", "x", "", 5000, "\""), &error),
	                 ERR_TOO_LONG);
}

/* Of a list of minutes from 100 s to 200 s, asked at 150 s. */
static void test_times_that_all_must_hold(void **state)
{
	static const struct {
		const char *text;
		int64_t from_us, to_us;
		bool only; /* there is no more that it says of the time */
	} cases[] = {
		{ "start > 1970-01-01T00:02:00Z", 120000001, 200000000, true },
		{ "start >= 1970-01-01T00:02:00Z and seen > 1", 120000000, 200000000,
		  true },
		{ "start < 1970-01-01T00:02:00Z", 100000000, 120000000, true },
		{ "trunk = a and start <= 1970-01-01T00:02:00Z", 100000000, 120000001,
		  true },
		{ "start = 1970-01-01T00:02:00Z", 120000000, 120000001, true },
		{ "start > -40s and start < -10s", 110000001, 140000000, true },
		{ "start > 1970-01-01T00:00:00Z", 100000000, 200000000, true },
		{ "start > 1970-01-01T00:02:00Z or seen > 1", 100000000, 200000000, false },
		{ "not start > 1970-01-01T00:02:00Z", 100000000, 200000000, false },
		{ "start > -40s and not start = 1970-01-01T00:02:00Z", 110000001, 200000000,
		  false },
		{ "seen > 1", 100000000, 200000000, true },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct filter *filter;
		struct filter_error error;
		nstime from = 100 * NS_PER_SEC;
		nstime to = 200 * NS_PER_SEC;
		if (filter_parse(text_from(cases[i].text), RECORD_KPI, &filter, &error) !=
		    OK)
			fail_msg("%s: %s", cases[i].text, error.text);
		const bool only =
		        filter_bounds(filter, "start", 150 * NS_PER_SEC, &from, &to);
		if (from != cases[i].from_us * NS_PER_US ||
		    to != cases[i].to_us * NS_PER_US || only != cases[i].only)
			fail_msg("%s: %lld to %lld", cases[i].text, (long long)from,
			         (long long)to);
		filter_free(filter);
	}
}

/* An expression that would take until tomorrow is given up, in both ways. */
static void test_endless_pattern(void **state)
{
	(void)state;
	const struct record *const records[] = { &parts[0], &parts[1] };
	memset(parts[0].leg.reason, 'a', sizeof parts[0].leg.reason - 1);
	struct filter *filter = parsed("reason ~ \"^(a+)+$x\"", RECORD_LEG);
	assert_false(matched(filter, records[0]));
	parts[0].leg.reason[0] = '\0';
	filter_free(filter);
	check_truth("from ~ \"(((a|b)*)*)*z$\"", RECORD_LEG, records, 2, 0);
}

static void test_now_unknown(void **state)
{
	(void)state;
	struct filter_subject subject = { .record = &call, .now = NSTIME_NONE };
	struct filter *filter = parsed("start > -9999d", RECORD_CALL);
	assert_true(filter_is_relative(filter));
	assert_false(filter_matches(filter, &subject));
	subject.now = NOW;
	assert_true(filter_matches(filter, &subject));
	filter_free(filter);
	filter = parsed("start > 2026-01-01", RECORD_CALL);
	assert_false(filter_is_relative(filter));
	filter_free(filter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_of_the_call),
		cmocka_unit_test(test_other_kinds),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_now_unknown),
		cmocka_unit_test(test_endless_pattern),
		cmocka_unit_test(test_times_that_all_must_hold),
	};
	return cmocka_run_group_tests(tests, make_database, remove_database);
}
