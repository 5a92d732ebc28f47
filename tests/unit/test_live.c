#include "web/live.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schema/field_text.h"

static const uint8_t key[SECRET_BYTES] = { 1 };

static struct live *fresh(void)
{
	struct live *live;
	assert_true(secret_init());
	assert_int_equal(live_new(&live), OK);
	return live;
}

static struct live_stream *watch(struct live *live, bool masked, uint64_t after)
{
	struct live_stream *stream;
	assert_int_equal(live_open(live, masked, after, &stream), OK);
	return stream;
}

/* Reads until what came ends with `end`, in parts of `room`; the stream must say it. */
static void expect_end(struct live_stream *stream, size_t room, const char *end, char *all,
                       size_t size)
{
	size_t len = 0;
	all[0] = '\0';
	while (len < strlen(end) || strcmp(all + len - strlen(end), end) != 0) {
		char part[64];
		const size_t got = live_read(stream, part, room);
		assert_true(got > 0 && got <= room && len + got < size);
		memcpy(all + len, part, got);
		len += got;
		all[len] = '\0';
	}
}

/* An alert of somebody's number, to those who may see people and to those who may not. */
static void an_alert_names_nobody_to_those_who_may_not_see_people(void **state)
{
	(void)state;
	for (int masked = 0; masked < 2; masked++) {
		char all[4096];
		struct record record;
		struct live *live = fresh();
		struct live_stream *stream = watch(live, masked, 0);
		record_clear(&record, RECORD_ALERT);
		text_copy(record.alert.rule, sizeof record.alert.rule, TEXT("toll_fraud"));
		text_copy(record.alert.subject, sizeof record.alert.subject,
		          TEXT("from 192.0.2.7 to 493012345678"));
		text_copy(record.alert.summary, sizeof record.alert.summary,
		          TEXT("from 192.0.2.7 to 493012345678: calls"));
		live_publish_record(live, "alert", &record, key);
		live_publish_snapshot(live, "counters", TEXT("{}"), key);
		expect_end(stream, 64, "data: {}\n\n", all, sizeof all);
		assert_non_null(strstr(all, "\"rule\":\"toll_fraud\""));
		assert_int_equal(strstr(all, "493012345678") == NULL, masked);
		assert_int_equal(strstr(all, "192.0.2.7") == NULL, masked);
		live_close(stream);
		live_free(live);
	}
}

static void who_watches_gets_what_happens_in_parts_of_any_size(void **state)
{
	(void)state;
	static const size_t rooms[] = { 1, 7, 64 };
	for (size_t i = 0; i < ARRAY_LEN(rooms); i++) {
		char all[512];
		struct live *live = fresh();
		live_publish_snapshot(live, "counters", TEXT("{\"n\":0}"), key);
		struct live_stream *stream = watch(live, false, 0);
		live_publish_snapshot(live, "counters", TEXT("{\"n\":1}"), key);
		live_publish_snapshot(live, "other", TEXT("{\"n\":2}"), key);
		expect_end(stream, rooms[i], "{\"n\":2}\n\n", all, sizeof all);
		assert_string_equal(all, "retry: 2000\n\n"
		                         "event: counters\nid: 2\ndata: {\"n\":1}\n\n"
		                         "event: other\nid: 3\ndata: {\"n\":2}\n\n");
		live_close(stream);
		live_free(live);
	}
}

static void who_was_cut_off_goes_on_where_it_was(void **state)
{
	(void)state;
	char all[512];
	struct live *live = fresh();
	live_publish_snapshot(live, "a", TEXT("{}"), key);
	live_publish_snapshot(live, "b", TEXT("{}"), key);
	struct live_stream *stream = watch(live, false, 1);
	expect_end(stream, 64, "{}\n\n", all, sizeof all);
	assert_non_null(strstr(all, "event: b\nid: 2\n"));
	live_close(stream);
	/* of a probe before this one: what comes */
	stream = watch(live, false, 77);
	live_publish_snapshot(live, "c", TEXT("{}"), key);
	expect_end(stream, 64, "{}\n\n", all, sizeof all);
	assert_non_null(strstr(all, "event: c\nid: 3\n"));
	live_close(stream);
	live_free(live);
}

static void who_is_too_slow_is_told_so_and_dropped(void **state)
{
	(void)state;
	char all[512];
	char part[64];
	struct live *live = fresh();
	struct live_stream *stream = watch(live, false, 0);
	for (int i = 0; i < LIVE_EVENTS + 5; i++)
		live_publish_snapshot(live, "counters", TEXT("{}"), key);
	expect_end(stream, 64, "}\n\n", all, sizeof all);
	assert_string_equal(all, "retry: 2000\n\nevent: dropped\ndata: {\"missed\":5}\n\n");
	assert_int_equal(live_read(stream, part, sizeof part), 0);
	live_close(stream);
	live_free(live);
}

static void who_may_not_see_people_sees_none(void **state)
{
	(void)state;
	for (int masked = 0; masked < 2; masked++) {
		char all[1 << 16];
		struct live *live = fresh();
		struct live_stream *stream = watch(live, masked, 0);
		struct record record = { .kind = RECORD_REGISTRATION };
		text_copy(record.registration.aor, sizeof record.registration.aor,
		          TEXT("sip:alice@a.example"));
		live_publish_record(live, "registration", &record, key);
		expect_end(stream, 64, "}\n\n", all, sizeof all);
		assert_int_equal(strstr(all, "alice") == NULL, masked);
		assert_int_equal(strstr(all, "\"aor\":\"sip:~") != NULL, masked);
		live_close(stream);
		live_free(live);
	}
}

static void there_is_room_for_so_many_and_an_end_for_all(void **state)
{
	(void)state;
	char part[64];
	struct live *live = fresh();
	struct live_stream *streams[LIVE_STREAMS];
	struct live_stream *more;
	for (size_t i = 0; i < LIVE_STREAMS; i++)
		streams[i] = watch(live, false, 0);
	assert_int_equal(live_open(live, false, 0, &more), ERR_FULL);
	live_close(streams[0]);
	streams[0] = watch(live, false, 0);
	live_end_streams(live);
	for (size_t i = 0; i < LIVE_STREAMS; i++) {
		assert_int_equal(live_read(streams[i], part, sizeof part), 13); /* retry */
		assert_int_equal(live_read(streams[i], part, sizeof part), 0);
		live_close(streams[i]);
	}
	more = watch(live, false, 0);
	live_close(more);
	live_stop(live);
	assert_int_equal(live_open(live, false, 0, &more), ERR_FULL);
	live_free(live);
}

static void a_snapshot_is_the_latest(void **state)
{
	(void)state;
	struct buffer to = { 0 };
	struct live *live = fresh();
	assert_false(live_add_snapshot(live, false, &to));
	live_publish_snapshot(live, "counters", TEXT("{\"n\":1}"), key);
	live_publish_snapshot(live, "counters", TEXT("{\"n\":2}"), key);
	assert_true(live_add_snapshot(live, false, &to));
	buffer_add_char(&to, '\0');
	assert_string_equal(to.at, "{\"n\":2}");
	buffer_free(&to);
	live_free(live);
}

/* Methods that nobody knows are words of whoever sent them. */
static void counts_of_messages_name_nobody_to_those(void **state)
{
	(void)state;
	static const char json[] =
	        "{\"account\":{\"legs\":1,\"sip\":{\"INVITE\":2,\"Bob\":1,"
	        "\"200 (Bob)\":3,\"404 (INVITE)\":4,\"other\":5},\"x\":{}}}";
	struct live *live = fresh();
	for (int masked = 0; masked < 2; masked++) {
		struct buffer to = { 0 };
		struct live_stream *stream;
		char told[1024] = "";
		size_t len = 0;
		assert_int_equal(live_open(live, masked, 0, &stream), OK);
		live_publish_snapshot(live, "counters", text_from(json), key);
		assert_true(live_add_snapshot(live, masked, &to));
		buffer_add_char(&to, '\0');
		assert_int_equal(strstr(to.at, "Bob") == NULL, masked);
		assert_non_null(strstr(to.at, "\"INVITE\":2,"));
		assert_non_null(
		        strstr(to.at, ":3,\"404 (INVITE)\":4,\"other\":5},\"x\":{}}}"));
		while (!strstr(told, "}}}\n\n"))
			len += live_read(stream, told + len, sizeof told - 1 - len);
		assert_int_equal(strstr(told, "Bob") == NULL, masked);
		live_close(stream);
		buffer_free(&to);
	}
	live_free(live);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_alert_names_nobody_to_those_who_may_not_see_people),
		cmocka_unit_test(who_watches_gets_what_happens_in_parts_of_any_size),
		cmocka_unit_test(who_was_cut_off_goes_on_where_it_was),
		cmocka_unit_test(who_is_too_slow_is_told_so_and_dropped),
		cmocka_unit_test(who_may_not_see_people_sees_none),
		cmocka_unit_test(there_is_room_for_so_many_and_an_end_for_all),
		cmocka_unit_test(a_snapshot_is_the_latest),
		cmocka_unit_test(counts_of_messages_name_nobody_to_those),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
