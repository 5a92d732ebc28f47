#include "probe/fragments.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PARTS_MAX = 6, LIMIT = 1 << 20 };

/* One fragment: `fill` repeated; `captured` bytes of it are there. */
struct part {
	size_t offset, length;
	bool more;
	char fill;
	size_t captured;
	enum fragments_result result;
};

#define HELD FRAGMENTS_HELD
#define WHOLE FRAGMENTS_WHOLE
#define BAD FRAGMENTS_MALFORMED

/* clang-format off */
static const struct {
	const char *what;
	struct part parts[PARTS_MAX];
	const char *bytes;  /* of the datagram; NULL = none comes out */
	size_t length;      /* on the wire */
} cases[] = {
	{ "two in order",
	  { { 0, 8, true, 'a', 8, HELD }, { 8, 3, false, 'b', 3, WHOLE } }, "aaaaaaaabbb", 11 },
	{ "two in the other order",
	  { { 8, 3, false, 'b', 3, HELD }, { 0, 8, true, 'a', 8, WHOLE } }, "aaaaaaaabbb", 11 },
	{ "the middle comes last",
	  { { 16, 1, false, 'c', 1, HELD }, { 0, 8, true, 'a', 8, HELD }, { 8, 8, true, 'b', 8, WHOLE } },
	  "aaaaaaaabbbbbbbbc", 17 },
	{ "one sent twice",
	  { { 0, 8, true, 'a', 8, HELD }, { 0, 8, true, 'x', 8, HELD }, { 8, 3, false, 'b', 3, WHOLE } },
	  "aaaaaaaabbb", 11 },
	{ "of an overlap, what came first counts",
	  { { 0, 8, true, 'a', 8, HELD }, { 0, 16, true, 'x', 16, HELD }, { 16, 1, false, 'c', 1, WHOLE } },
	  "aaaaaaaaxxxxxxxxc", 17 },
	{ "the same when the later part came first",
	  { { 8, 8, true, 'b', 8, HELD }, { 0, 16, true, 'x', 16, HELD }, { 16, 1, false, 'c', 1, WHOLE } },
	  "xxxxxxxxbbbbbbbbc", 17 },
	{ "a fragment inside another",
	  { { 0, 24, true, 'a', 24, HELD }, { 8, 8, true, 'x', 8, HELD }, { 24, 1, false, 'c', 1, WHOLE } },
	  "aaaaaaaaaaaaaaaaaaaaaaaac", 25 },
	{ "two ends",
	  { { 8, 3, false, 'b', 3, HELD }, { 8, 4, false, 'b', 4, BAD }, { 0, 8, true, 'a', 8, HELD } }, NULL, 0 },
	{ "data beyond the end",
	  { { 8, 3, false, 'b', 3, HELD }, { 16, 8, true, 'x', 8, BAD }, { 0, 8, true, 'a', 8, HELD } }, NULL, 0 },
	{ "an end before the data",
	  { { 16, 8, true, 'x', 8, HELD }, { 8, 3, false, 'b', 3, BAD } }, NULL, 0 },
	{ "no length", { { 8, 0, false, 'b', 0, BAD } }, NULL, 0 },
	{ "a length that is no multiple of eight", { { 0, 9, true, 'b', 9, BAD } }, NULL, 0 },
	{ "beyond 65,535 bytes", { { 65528, 8, false, 'b', 8, BAD } }, NULL, 0 },
	{ "the capture cut the second of three",
	  { { 0, 8, true, 'a', 8, HELD }, { 8, 8, true, 'b', 4, HELD }, { 16, 4, false, 'c', 4, WHOLE } },
	  "aaaaaaaabbbb", 20 },
	{ "the capture cut the first byte",
	  { { 0, 8, true, 'a', 0, HELD }, { 8, 4, false, 'c', 4, WHOLE } }, "", 12 },
	{ "a whole copy mends a cut one",
	  { { 0, 8, true, 'a', 2, HELD }, { 0, 8, true, 'b', 8, HELD }, { 8, 4, false, 'c', 4, WHOLE } },
	  "aabbbbbbcccc", 12 },
};
/* clang-format on */

static struct fragments *new_table(size_t limit)
{
	struct fragments *table = NULL;
	assert_int_equal(fragments_new(limit, &table), OK);
	return table;
}

/* Adds a fragment whose bytes end where the memory ends. */
static enum fragments_result add(struct fragments *table, const struct part *part,
                                 uint32_t id, nstime at, struct joined *out)
{
	uint8_t *bytes = malloc(part->captured ? part->captured : 1);
	assert_non_null(bytes);
	memset(bytes, part->fill, part->captured);
	const struct fragment fragment = {
		.src.bytes = { 1 },
		.dst.bytes = { 2 },
		.id = id,
		.protocol = 17,
		.more = part->more,
		.offset = part->offset,
		.length = part->length,
		.data = { bytes, part->captured },
		.at = at,
	};
	const enum fragments_result result = fragments_add(table, &fragment, out);
	free(bytes);
	return result;
}

static void datagrams_are_put_together(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fragments *table = new_table(LIMIT);
		struct joined out = { 0 };
		bool whole = false;
		for (size_t k = 0; k < PARTS_MAX && cases[i].parts[k].fill; k++) {
			const enum fragments_result result =
			        add(table, &cases[i].parts[k], 1, 0, &out);
			if (result != cases[i].parts[k].result)
				fail_msg("%s: fragment %zu: %d", cases[i].what, k, result);
			whole = result == FRAGMENTS_WHOLE;
		}
		if (whole != (cases[i].bytes != NULL))
			fail_msg("%s: whole %d", cases[i].what, whole);
		if (whole && (out.length != cases[i].length ||
		              out.bytes.len != strlen(cases[i].bytes) ||
		              memcmp(out.bytes.at, cases[i].bytes, out.bytes.len) != 0))
			fail_msg("%s: %zu of %zu bytes", cases[i].what, out.bytes.len,
			         out.length);
		fragments_free(table);
	}
}

static void what_was_held_is_accounted_for(void **state)
{
	const struct part first = { 0, 8, true, 'a', 8, HELD };
	const struct part last = { 8, 8, false, 'b', 8, HELD };
	const struct part other_last = { 16, 8, false, 'b', 8, HELD };
	struct fragments *table = new_table(LIMIT);
	struct joined out;
	(void)state;
	add(table, &first, 1, 0, &out); /* will be joined */
	add(table, &first, 1, 0, &out); /* likewise */
	assert_int_equal(add(table, &last, 1, 0, &out), WHOLE);
	add(table, &last, 2, 0, &out); /* will be contradicted */
	assert_int_equal(add(table, &other_last, 2, 0, &out), BAD);
	add(table, &first, 3, 0, &out);               /* will time out */
	add(table, &first, 4, 31 * NS_PER_SEC, &out); /* waits */
	const struct decoder_held held = fragments_held(table);
	assert_int_equal(held.joined, 2);
	assert_int_equal(held.refused, 1);
	assert_int_equal(held.timed_out, 1);
	assert_int_equal(held.waiting, 1);
	assert_int_equal(held.evicted, 0);
	fragments_free(table);
}

static void thirty_seconds_are_waited_for_the_rest(void **state)
{
	const struct part first = { 0, 8, true, 'a', 8, HELD };
	const struct part last = { 8, 8, false, 'b', 8, HELD };
	struct fragments *table = new_table(LIMIT);
	struct joined out;
	(void)state;
	add(table, &first, 1, 0, &out);
	assert_int_equal(add(table, &last, 1, 30 * NS_PER_SEC, &out), WHOLE);
	add(table, &first, 2, 0, &out);
	assert_int_equal(add(table, &last, 2, 30 * NS_PER_SEC + 1, &out), HELD);
	fragments_free(table);
}

static void a_clock_that_goes_back_forgets_nothing(void **state)
{
	const struct part first = { 0, 8, true, 'a', 8, HELD };
	const struct part last = { 8, 8, false, 'b', 8, HELD };
	struct fragments *table = new_table(LIMIT);
	struct joined out;
	(void)state;
	add(table, &first, 1, 1000 * NS_PER_SEC, &out);
	assert_int_equal(add(table, &last, 1, -1000 * NS_PER_SEC, &out), WHOLE);
	fragments_free(table);
}

static void identification_and_protocol_tell_datagrams_apart(void **state)
{
	uint8_t bytes[8] = { 0 };
	struct fragment f = {
		.id = 1, .protocol = 17, .more = true, .length = 8, .data = { bytes, 8 }
	};
	struct fragments *table = new_table(LIMIT);
	struct joined out;
	(void)state;
	assert_int_equal(fragments_add(table, &f, &out), HELD);
	f.offset = 8;
	f.more = false;
	f.protocol = 6;
	assert_int_equal(fragments_add(table, &f, &out), HELD);
	f.protocol = 17;
	f.id = 2;
	assert_int_equal(fragments_add(table, &f, &out), HELD);
	f.id = 1;
	assert_int_equal(fragments_add(table, &f, &out), WHOLE);
	fragments_free(table);
}

/* RFC 8200 section 4.5: only the first fragment's next header counts. */
static void ipv6_takes_the_first_fragments_protocol(void **state)
{
	uint8_t bytes[8] = { 0 };
	struct fragment f = { .id = 1,
		              .protocol = 99,
		              .ipv6 = true,
		              .offset = 8,
		              .length = 8,
		              .data = { bytes, 8 } };
	struct fragments *table = new_table(LIMIT);
	struct joined out;
	(void)state;
	assert_int_equal(fragments_add(table, &f, &out), HELD);
	f.offset = 0;
	f.more = true;
	f.protocol = 17;
	assert_int_equal(fragments_add(table, &f, &out), WHOLE);
	assert_int_equal(out.protocol, 17);
	fragments_free(table);
}

static void a_datagram_has_at_most_64_fragments(void **state)
{
	struct fragments *table = new_table(LIMIT);
	struct joined out;
	(void)state;
	for (size_t i = 0; i < 64; i++) {
		const struct part part = { i * 8, 8, true, 'a', 8, HELD };
		assert_int_equal(add(table, &part, 1, 0, &out), HELD);
	}
	const struct part last = { 512, 8, false, 'b', 8, HELD };
	assert_int_equal(add(table, &last, 1, 0, &out), FRAGMENTS_FULL);
	assert_int_equal(fragments_held(table).evicted, 64);
	assert_int_equal(fragments_held(table).waiting, 0);
	fragments_free(table);
}

static void the_oldest_datagram_makes_room(void **state)
{
	enum { COUNT = 100 };
	const struct part first = { 0, 1000, true, 'a', 1000, HELD };
	const struct part last = { 1000, 8, false, 'b', 8, HELD };
	struct fragments *table = new_table((size_t)16 * 1024);
	struct joined out;
	(void)state;
	for (uint32_t id = 0; id < COUNT; id++)
		assert_int_equal(add(table, &first, id, 0, &out), HELD);
	const struct decoder_held held = fragments_held(table);
	assert_int_equal(held.waiting + held.evicted, COUNT);
	assert_in_range(held.waiting, 10, 16);
	assert_int_equal(add(table, &last, COUNT - 1, 0, &out), WHOLE);
	assert_int_equal(add(table, &last, 0, 0, &out), HELD);
	fragments_free(table);
}

static void a_fragment_larger_than_the_table_is_refused(void **state)
{
	const struct part part = { 0, 1000, true, 'a', 1000, HELD };
	struct fragments *table = new_table(600);
	struct joined out;
	(void)state;
	assert_int_equal(add(table, &part, 1, 0, &out), FRAGMENTS_FULL);
	assert_int_equal(fragments_held(table).waiting, 0);
	fragments_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(datagrams_are_put_together),
		cmocka_unit_test(what_was_held_is_accounted_for),
		cmocka_unit_test(thirty_seconds_are_waited_for_the_rest),
		cmocka_unit_test(a_clock_that_goes_back_forgets_nothing),
		cmocka_unit_test(identification_and_protocol_tell_datagrams_apart),
		cmocka_unit_test(ipv6_takes_the_first_fragments_protocol),
		cmocka_unit_test(a_datagram_has_at_most_64_fragments),
		cmocka_unit_test(the_oldest_datagram_makes_room),
		cmocka_unit_test(a_fragment_larger_than_the_table_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
