#include "probe/record_wire.h"

#include "tests/unit/unit.h"

#include "tests/unit/records.h"

static void every_kind_comes_back_as_it_went(void **state)
{
	(void)state;
	uint8_t bytes[RECORD_WIRE_MAX];
	for (unsigned int kind = 0; kind < RECORD_KIND_COUNT; kind++) {
		struct record full, empty, back;
		records_fill(&full, (enum record_kind)kind, "caf\xc3\xa9 \x01\xff");
		record_clear(&empty, (enum record_kind)kind);
		const struct record *const records[] = { &full, &empty };
		for (size_t i = 0; i < ARRAY_LEN(records); i++) {
			const size_t len = record_wire_encode(records[i], bytes);
			assert_int_equal(record_wire_decode((enum record_kind)kind,
			                                    (struct span){ bytes, len },
			                                    &back),
			                 OK);
			const char *differs = records_differ(records[i], &back);
			if (differs)
				fail_msg("%s: %s differs", record_kind_names[kind],
				         differs);
		}
	}
}

/* As large as a record may be: the fields' sizes in memory bound those on the wire, but for
 * the length of a text, which takes one octet more than its NUL. */
static void the_longest_record_fits(void **state)
{
	(void)state;
	for (unsigned int kind = 0; kind < RECORD_KIND_COUNT; kind++) {
		const struct field_table table = record_fields((enum record_kind)kind);
		size_t most = 0;
		for (size_t i = 0; i < table.count; i++)
			most += field_size(&table.fields[i]) + 2;
		assert_true(most <= RECORD_WIRE_MAX);
	}
}

static void what_is_cut_or_too_long_is_refused(void **state)
{
	(void)state;
	uint8_t bytes[RECORD_WIRE_MAX + 1] = { 0 };
	struct record record, back;
	for (unsigned int kind = 0; kind < RECORD_KIND_COUNT; kind++) {
		records_fill(&record, (enum record_kind)kind, "text");
		const size_t len = record_wire_encode(&record, bytes);
		for (size_t cut = 0; cut < len; cut++)
			assert_int_not_equal(record_wire_decode((enum record_kind)kind,
			                                        (struct span){ bytes, cut },
			                                        &back),
			                     OK);
		assert_int_equal(record_wire_decode((enum record_kind)kind,
		                                    (struct span){ bytes, len + 1 }, &back),
		                 ERR_MALFORMED);
	}
	assert_int_equal(
	        record_wire_decode(RECORD_KIND_COUNT, (struct span){ bytes, 1 }, &back),
	        ERR_MALFORMED);
}

/* Where the field of that name begins in the bytes of the record. */
static size_t place_of(const struct record *record, const char *name)
{
	struct record without = *record;
	uint8_t a[RECORD_WIRE_MAX], b[RECORD_WIRE_MAX];
	const struct field_table table = record_fields(record->kind);
	for (size_t i = 0; i < table.count; i++) {
		const struct field *field = &table.fields[i];
		if (strcmp(field->name, name) != 0)
			continue;
		memset((char *)&without + field->offset, 0, field_size(field));
		const size_t len = record_wire_encode(record, a);
		record_wire_encode(&without, b);
		for (size_t at = 0; at < len; at++)
			if (a[at] != b[at])
				return at;
	}
	fail_msg("no field %s", name);
	return 0;
}

/* clang-format off */
static const struct {
	const char *what;
	enum record_kind kind;
	const char *field;
	size_t behind; /* octets from the first that is not zero in it */
	uint8_t octet;
} lies[] = {
	{ "a state that does not exist",        RECORD_LEG,    "state",         0, 99 },
	{ "a flag that is neither 0 nor 1",     RECORD_LEG,    "one_way",       0, 2 },
	{ "a flag without a name",              RECORD_LEG,    "keys_offered",  0, 4 },
	{ "more legs than there is room for",   RECORD_CALL,   "legs",          0, RECORD_MAX_LEGS + 1 },
	{ "more codecs than there is room for", RECORD_LEG,    "codecs",        0, RECORD_MAX_CODECS + 1 },
	{ "a codec that does not exist",        RECORD_LEG,    "codecs",        2, 250 },
	{ "more types than there is room for",  RECORD_STREAM, "payload_types", 0, RECORD_MAX_TYPES + 1 },
	{ "packets below zero",                 RECORD_STREAM, "payload_types", 2, 0x80 },
	{ "more buffers than there are",        RECORD_STREAM, "buffers",       0, RECORD_MAX_BUFFERS + 1 },
	{ "a buffer's name that is no word",    RECORD_STREAM, "buffers",       1, '<' },
	{ "a name after its end",               RECORD_STREAM, "buffers",       2, 0 },
	{ "a NUL within a text",                RECORD_LEG,    "from",          2, 0 },
	{ "a text longer than its room",        RECORD_STREAM, "mos_buffer",    0, 16 },
	{ "a codec above all",                  RECORD_STREAM, "codec",         0, 255 },
};
/* clang-format on */

static void lies_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
		uint8_t bytes[RECORD_WIRE_MAX];
		struct record record, back;
		records_fill(&record, lies[i].kind, "0123456789");
		const size_t len = record_wire_encode(&record, bytes);
		bytes[place_of(&record, lies[i].field) + lies[i].behind] = lies[i].octet;
		if (record_wire_decode(lies[i].kind, (struct span){ bytes, len }, &back) ==
		    OK)
			fail_msg("%s", lies[i].what);
	}
}

static void numbers_beyond_the_database_are_refused(void **state)
{
	(void)state;
	uint8_t bytes[RECORD_WIRE_MAX];
	struct record record, back;
	records_fill(&record, RECORD_STREAM, "");
	record.stream.lost = (uint64_t)INT64_MAX + 1;
	size_t len = record_wire_encode(&record, bytes);
	assert_int_equal(
	        record_wire_decode(RECORD_STREAM, (struct span){ bytes, len }, &back),
	        ERR_MALFORMED);
	records_fill(&record, RECORD_REPORT, "");
	record.report.ssrc = (int64_t)UINT32_MAX + 1;
	len = record_wire_encode(&record, bytes);
	assert_int_equal(
	        record_wire_decode(RECORD_REPORT, (struct span){ bytes, len }, &back),
	        ERR_MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_comes_back_as_it_went),
		cmocka_unit_test(the_longest_record_fits),
		cmocka_unit_test(what_is_cut_or_too_long_is_refused),
		cmocka_unit_test(lies_are_refused),
		cmocka_unit_test(numbers_beyond_the_database_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
