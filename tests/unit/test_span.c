#include "analyzer/base/span.h"

#include "tests/unit/unit.h"

static const uint8_t bytes[] = { 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08 };

static struct reader first_bytes(size_t n)
{
	return reader_of((struct span){ bytes, n });
}

static void numbers_are_read_in_their_byte_order(void **state)
{
	(void)state;
	struct reader r = first_bytes(8);
	assert_int_equal(read_u8(&r), 0x01);
	assert_int_equal(read_u16(&r), 0x0203);
	assert_int_equal(read_u24(&r), 0x040506);
	assert_int_equal(read_u16_le(&r), 0x0807);
	assert_int_equal(r.rest.len, 0);
	assert_false(r.ran_out);
	r = first_bytes(8);
	assert_int_equal(read_u32(&r), 0x01020304);
	assert_int_equal(read_u32_le(&r), 0x08070605);
	r = first_bytes(8);
	assert_true(read_u64(&r) == UINT64_C(0x0102030405060708));
	assert_false(r.ran_out);
}

/* Each way to read, and how many bytes it needs. */
static uint64_t read_as(struct reader *r, size_t need)
{
	switch (need) {
	case 1:
		return read_u8(r);
	case 2:
		return read_u16(r) | read_u16_le(r);
	case 3:
		return read_u24(r);
	case 4:
		return read_u32(r) | read_u32_le(r);
	default:
		return read_u64(r);
	}
}

static void the_first_read_past_the_end_spoils_all_later_ones(void **state)
{
	(void)state;
	static const size_t needs[] = { 1, 2, 3, 4, 8 };
	for (size_t i = 0; i < ARRAY_LEN(needs); i++) {
		struct reader r = first_bytes(needs[i] - 1);
		if (read_as(&r, needs[i]) != 0 || !r.ran_out || r.rest.len != 0)
			fail_msg("%zu bytes of %zu", needs[i], needs[i] - 1);
		if (read_u8(&r) != 0 || take(&r, 0).len != 0 || !r.ran_out)
			fail_msg("after %zu bytes", needs[i]);
	}
}

static void a_length_near_the_largest_number_does_not_wrap(void **state)
{
	(void)state;
	struct reader r = first_bytes(8);
	read_u8(&r);
	assert_int_equal(take(&r, SIZE_MAX).len, 0);
	assert_true(r.ran_out);
	r = first_bytes(8);
	assert_int_equal(take(&r, SIZE_MAX - 4).len, 0);
	assert_true(r.ran_out);
}

static void taking_moves_on_by_what_was_taken(void **state)
{
	(void)state;
	struct reader r = first_bytes(8);
	const struct span three = take(&r, 3);
	assert_ptr_equal(three.at, bytes);
	assert_int_equal(three.len, 3);
	assert_ptr_equal(r.rest.at, bytes + 3);
	assert_int_equal(take(&r, 5).len, 5);
	assert_int_equal(take(&r, 0).len, 0);
	assert_false(r.ran_out);
}

static void nothing_of_nothing_is_no_overrun(void **state)
{
	(void)state;
	struct reader r = reader_of((struct span){ 0 });
	assert_int_equal(take(&r, 0).len, 0);
	assert_false(r.ran_out);
	read_u8(&r);
	assert_true(r.ran_out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_read_in_their_byte_order),
		cmocka_unit_test(the_first_read_past_the_end_spoils_all_later_ones),
		cmocka_unit_test(a_length_near_the_largest_number_does_not_wrap),
		cmocka_unit_test(taking_moves_on_by_what_was_taken),
		cmocka_unit_test(nothing_of_nothing_is_no_overrun),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
