/* One memory cap makes every table's cap; what is said of one table goes before it. */
#include "tests/unit/unit.h"

#include "analyzer/model/memory_shares.h"
#include "probe/bytes_text.h"

#define MIB (UINT64_C(1) << 20)

static struct limits limits_of(uint64_t memory_cap, const struct limits *own)
{
	struct limits limits = { 0 };
	memory_shares(memory_cap, own, &limits);
	return limits;
}

static void the_default_is_of_the_default_cap(void **state)
{
	(void)state;
	const struct settings settings = settings_default();
	const struct limits limits = limits_of(512 * MIB, NULL);
	assert_int_equal(settings.memory_cap, 512 * MIB);
	assert_int_equal(settings.limits.calls, limits.calls);
	assert_int_equal(settings.limits.streams, limits.streams);
	assert_true(limits.calls > 30000 && limits.streams > 48000);
}

/* A share is a share: twice the memory, twice the room. */
static void caps_grow_with_the_cap(void **state)
{
	(void)state;
	const struct limits one = limits_of(1024 * MIB, NULL);
	const struct limits two = limits_of(2048 * MIB, NULL);
	assert_true(two.calls >= 2 * one.calls && two.calls <= 2 * one.calls + 2);
	assert_true(two.bindings >= 2 * one.bindings &&
	            two.bindings <= 2 * one.bindings + 2);
	assert_true(two.tcp_bytes >= 2 * one.tcp_bytes);
	assert_true(two.probations > one.probations && two.legs > two.calls);
}

/* Objects as large as they were measured to be, with what hangs on them, fit in the cap. */
static void the_shares_are_no_more_than_the_whole(void **state)
{
	(void)state;
	enum { CALL = 3400, STREAM = 2560 };
	const struct limits limits = limits_of(512 * MIB, NULL);
	const uint64_t bytes =
	        limits.calls * CALL + limits.call_texts + limits.streams * STREAM +
	        limits.timelines + limits.registrations * 700 + limits.bindings * 440 +
	        limits.asks * 330 + limits.peers * 480 + limits.routes * 280 +
	        limits.watched * 1200 + limits.accounts * 88 + limits.hosts * 56 +
	        limits.kpi_cells * 900 + limits.kpi_pairs * 192 + limits.sightings * 44 +
	        limits.tls_peers * 200 + limits.fragment_bytes + limits.tcp_bytes +
	        limits.queue_bytes;
	assert_true(bytes <= 512 * MIB);
	assert_true(bytes > 505 * MIB);
}

static void what_is_said_of_a_table_goes_before_its_share(void **state)
{
	(void)state;
	const struct limits own = { .calls = 1234, .tcp_bytes = 99999, .probations = 77 };
	const struct limits limits = limits_of(512 * MIB, &own);
	assert_int_equal(limits.calls, 1234);
	assert_int_equal(limits.legs, 1234 + 1234 / 4);
	assert_int_equal(limits.tcp_bytes, 99999);
	assert_int_equal(limits.probations, 77);
	assert_int_equal(limits.streams, limits_of(512 * MIB, NULL).streams);
}

static void no_table_is_without_room(void **state)
{
	(void)state;
	const struct limits limits = limits_of(1, NULL);
	assert_true(limits.calls >= 64 && limits.streams >= 64 && limits.held_headers >= 1);
}

static void sizes_are_read_as_people_write_them(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint64_t bytes; /* 0: is none */
		const char *shown;
	} cases[] = {
		{ "512MiB", 512 * MIB, "512MiB" },
		{ "512M", 512 * MIB, "512MiB" },
		{ "2g", 2048 * MIB, "2GiB" },
		{ "1 TiB", 1024 * 1024 * MIB, "1TiB" },
		{ "65536", 65536, "64KiB" },
		{ "1000B", 1000, "1000" },
		{ "1536KB", 1536 * 1024, "1536KiB" },
		{ "", 0, NULL },
		{ "MiB", 0, NULL },
		{ "12XB", 0, NULL },
		{ "12MiBs", 0, NULL },
		{ "-1", 0, NULL },
		{ "1.5G", 0, NULL },
		{ "18446744073709551615T", 0, NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint64_t bytes = 0;
		const bool good = bytes_read(text_from(cases[i].text), &bytes);
		if (good != (cases[i].shown != NULL))
			fail_msg("'%s'", cases[i].text);
		if (!good)
			continue;
		assert_int_equal(bytes, cases[i].bytes);
		struct buffer shown = { 0 };
		bytes_show(bytes, &shown);
		assert_true(text_equal(buffer_text(&shown), text_from(cases[i].shown)));
		buffer_free(&shown);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_default_is_of_the_default_cap),
		cmocka_unit_test(caps_grow_with_the_cap),
		cmocka_unit_test(the_shares_are_no_more_than_the_whole),
		cmocka_unit_test(what_is_said_of_a_table_goes_before_its_share),
		cmocka_unit_test(no_table_is_without_room),
		cmocka_unit_test(sizes_are_read_as_people_write_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
