#include "analyzer/model/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/field_size.h"

static void fields_do_not_overlap_and_have_one_name_each(void **state)
{
	(void)state;
	for (unsigned int kind = 0; kind < RECORD_KIND_COUNT; kind++) {
		const struct field_table table = record_fields(kind);
		assert_non_null(record_kind_names[kind]);
		assert_true(table.count > 0);
		for (size_t i = 0; i < table.count; i++) {
			const struct field *a = &table.fields[i];
			assert_true(field_size(a) > 0);
			assert_true(a->offset + field_size(a) <= sizeof(struct record));
			for (size_t k = 0; k < i; k++) {
				const struct field *b = &table.fields[k];
				assert_string_not_equal(a->name, b->name);
				if (a->offset < b->offset + field_size(b) &&
				    b->offset < a->offset + field_size(a))
					fail_msg("%s: %s lies on %s",
					         record_kind_names[kind], a->name, b->name);
			}
		}
	}
}

static void every_name_and_flag_has_its_table(void **state)
{
	(void)state;
	for (unsigned int kind = 0; kind < RECORD_KIND_COUNT; kind++) {
		const struct field_table table = record_fields(kind);
		for (size_t i = 0; i < table.count; i++) {
			const struct field *f = &table.fields[i];
			const bool named = f->type == FIELD_NAME || f->type == FIELD_FLAGS;
			assert_true(named == (f->names != NULL));
			for (size_t k = 0; k < f->name_count; k++) {
				/* Of an enum, 0 is "not known"; a flag's bit 0 has a name.
				 */
				if (k == 0 && f->type == FIELD_NAME)
					assert_null(f->names[k]);
				else
					assert_non_null(f->names[k]);
			}
		}
	}
}

/* The contract with scripts: these names, whatever else stands beside them. */
static const struct {
	enum record_kind kind;
	const char *names;
} promised[] = {
	{ RECORD_LEG,
	  "id sip_call_id from to src dst start ringing answered ended status state "
	  "pdd_ms duration_s ended_by transport codecs" },
	{ RECORD_CALL, "id legs start state mos_lq_min mos_lq_min_band" },
	{ RECORD_STREAM,
	  "id leg legs direction src dst ssrc codec payload_types clock_hz "
	  "clock_basis packets expected received lost duplicates reordered restarts "
	  "outage_lost loss_pct jitter_last_ms jitter_mean_ms jitter_max_ms "
	  "delta_max_ms ptime_ms first last dscp encrypted flags span_copies band "
	  "basis r mos_lq mos_buffer" },
	{ RECORD_REGISTRATION, "aor contact src registrar at status expires_s" },
};

static bool has_field(enum record_kind kind, struct text name)
{
	const struct field_table table = record_fields(kind);
	for (size_t i = 0; i < table.count; i++) {
		if (text_equal(text_from(table.fields[i].name), name))
			return true;
	}
	return false;
}

static void the_promised_fields_are_there(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(promised); i++) {
		struct text rest = text_from(promised[i].names);
		while (rest.len > 0) {
			const struct text name = text_cut_word(&rest);
			if (!has_field(promised[i].kind, name))
				fail_msg("%s has no %.*s",
				         record_kind_names[promised[i].kind], (int)name.len,
				         name.at);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_do_not_overlap_and_have_one_name_each),
		cmocka_unit_test(every_name_and_flag_has_its_table),
		cmocka_unit_test(the_promised_fields_are_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
