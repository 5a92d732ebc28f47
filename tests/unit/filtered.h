/*
 * filtered.h - a call with its legs and streams, and a registration, in memory and in a
 * database: what filters are held against.
 */
#ifndef EARSHOT_TESTS_UNIT_FILTERED_H
#define EARSHOT_TESTS_UNIT_FILTERED_H

#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "schema/filter_tree.h"
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

static inline struct endpoint endpoint_of(const char *text)
{
	struct endpoint endpoint;
	assert_int_equal(endpoint_parse(text_from(text), &endpoint), OK);
	return endpoint;
}

/* A call with a leg that was refused, one that was answered and held, and two streams. */
static inline void fill_legs(void)
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

static inline void fill_streams(void)
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

static inline void fill(void)
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

static inline void add(struct store *store, const struct record *record)
{
	if (store_add(store, record) != OK)
		fail_msg("%s", store_error(store));
}

static inline int make_database(void **state)
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

static inline int remove_database(void **state)
{
	(void)state;
	query_close(query);
	return unlink(path);
}

static inline struct filter *parsed(const char *text, enum record_kind kind)
{
	struct filter_error error;
	struct filter *filter;
	if (filter_parse(text_from(text), kind, &filter, &error) != OK)
		fail_msg("%s: column %zu: %s", text, error.column, error.text);
	return filter;
}

/* How many records of the kind does the database find? */
static inline size_t count_found(const struct filter *filter, const char *text)
{
	const struct query_list list = {
		.kind = filter->kind, .filter = filter, .now = NOW, .limit = 100
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

static inline bool matched(const struct filter *filter, const struct record *record)
{
	const struct filter_subject subject = { record, part_list, PARTS, NOW };
	return filter_matches(filter, &subject);
}

/* In the database and in memory. */
static inline void check_truth(const char *text, enum record_kind kind,
                               const struct record *const *records, size_t count,
                               size_t expected)
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

#endif
