/* Rules: the layout in schema/buffers.h. */
#include "schema/buffers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

enum { PACKED = 8 + 12 * 8 }; /* of one buffer: its name and its figures */

static double *figure(struct buffer_record *buffer, size_t index)
{
	void *at = (char *)buffer + record_buffer_field(index)->offset;
	return at;
}

/* Each figure its own number; one is not known. */
static struct buffer_list buffers_of(uint8_t count)
{
	struct buffer_list list = { .count = count };
	for (uint8_t b = 0; b < count; b++) {
		struct buffer_record *buffer = &list.buffers[b];
		memcpy(buffer->name, b == 2 ? "adaptive" : "f50\0\0\0\0",
		       sizeof buffer->name);
		for (size_t f = 0; f < BUFFER_FIELDS; f++)
			*figure(buffer, f) = f == b ? NAN : b - 0.1 * (double)f;
	}
	return list;
}

static struct buffer_list unpack(const uint8_t *bytes, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1); /* of the exact size, for the sanitizers */
	struct buffer_list out;
	assert_non_null(copy);
	memcpy(copy, bytes, len);
	buffers_unpack((struct span){ copy, len }, &out);
	free(copy);
	return out;
}

static void assert_same_figures(struct buffer_list *in, struct buffer_list *out)
{
	assert_int_equal(in->count, out->count);
	for (uint8_t b = 0; b < in->count; b++) {
		assert_memory_equal(in->buffers[b].name, out->buffers[b].name,
		                    sizeof in->buffers[b].name);
		for (size_t f = 0; f < BUFFER_FIELDS; f++) {
			const double was = *figure(&in->buffers[b], f);
			const double is = *figure(&out->buffers[b], f);
			assert_true(isnan(was) ? isnan(is) : was == is);
		}
	}
}

static void what_goes_in_comes_out(void **state)
{
	(void)state;
	for (unsigned int count = 0; count <= RECORD_MAX_BUFFERS; count++) {
		uint8_t blob[BUFFERS_BLOB_MAX];
		struct buffer_list in = buffers_of((uint8_t)count);
		const size_t len = buffers_pack(&in, blob);
		assert_int_equal(len, 1 + count * PACKED);
		struct buffer_list out = unpack(blob, len);
		assert_same_figures(&in, &out);
	}
}

/* 93.5 is 0x40576 followed by zeros. */
static void it_is_laid_out_as_the_header_says(void **state)
{
	(void)state;
	struct buffer_list in = buffers_of(1);
	in.buffers[0].discarded = 93.5;
	uint8_t blob[BUFFERS_BLOB_MAX];
	static const uint8_t head[] = { 1, 'f', '5', '0', 0, 0,    0,    0,   0,
		                        0, 0,   0,   0,   0, 0x60, 0x57, 0x40 };
	assert_int_equal(buffers_pack(&in, blob), 1 + PACKED);
	assert_memory_equal(blob, head, sizeof head);
}

static void whole_buffers_of_a_blob_cut_short_are_kept(void **state)
{
	(void)state;
	uint8_t blob[BUFFERS_BLOB_MAX];
	struct buffer_list in = buffers_of(RECORD_MAX_BUFFERS);
	const size_t len = buffers_pack(&in, blob);
	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(unpack(blob, cut).count, cut ? (cut - 1) / PACKED : 0);
}

static void what_is_no_such_blob_is_empty(void **state)
{
	(void)state;
	uint8_t blob[BUFFERS_BLOB_MAX + PACKED] = { 2 };
	assert_int_equal(unpack(blob, sizeof blob).count, 0);
	blob[0] = 1; /* of one buffer too many, the first ones */
	assert_int_equal(unpack(blob, sizeof blob).count, RECORD_MAX_BUFFERS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_in_comes_out),
		cmocka_unit_test(it_is_laid_out_as_the_header_says),
		cmocka_unit_test(whole_buffers_of_a_blob_cut_short_are_kept),
		cmocka_unit_test(what_is_no_such_blob_is_empty),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
