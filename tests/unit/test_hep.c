#include "analyzer/wire/hep.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/wire/hep_report.h"
#include "analyzer/wire/json_scan.h"
#include "tests/unit/unit.h"

/* One of Kamailio: 198.18.0.1:5060 to 198.18.0.2:5062 by UDP, "OPTIONS". */
static const uint8_t whole[] = {
	'H',  'E',  'P', '3', 0, 101, 0,  0,  0,   1,   0,    7,    2, 0, 0,  0,  2,  0,
	7,    17,   0,   0,   0, 3,   0,  10, 198, 18,  0,    1,    0, 0, 0,  4,  0,  10,
	198,  18,   0,   2,   0, 0,   0,  7,  0,   8,   0x13, 0xc4, 0, 0, 0,  8,  0,  8,
	0x13, 0xc6, 0,   0,   0, 9,   0,  10, 0,   0,   0,    2,    0, 0, 0,  10, 0,  10,
	0,    0,    0,   3,   0, 0,   0,  11, 0,   7,   1,    0,    0, 0, 12, 0,  10, 0,
	0,    1,    0,   0,   0, 0,   15, 0,  9,   'O', 'P',  'T', /* its length is put
	                                                              right below */
};

static struct span fact(uint8_t bytes[sizeof whole])
{
	memcpy(bytes, whole, sizeof whole);
	bytes[5] = sizeof whole;
	return (struct span){ bytes, sizeof whole };
}

static void a_fact_is_read(void **state)
{
	(void)state;
	uint8_t bytes[sizeof whole];
	char text[ENDPOINT_TEXT_SIZE];
	struct hep hep;
	assert_int_equal(hep_decode(fact(bytes), &hep), OK);
	assert_string_equal(endpoint_format(&hep.src, text), "198.18.0.1:5060");
	assert_string_equal(endpoint_format(&hep.dst, text), "198.18.0.2:5062");
	assert_int_equal(hep.at, 2 * NS_PER_SEC + 3 * NS_PER_US);
	assert_int_equal(hep.type, HEP_SIP);
	assert_int_equal(hep.ip_protocol, 17);
	assert_int_equal(hep.capture_id, 256);
	assert_int_equal(hep.payload.len, 3);
	assert_int_equal(hep.auth.len, 0);
}

/* Of every beginning of it nothing is believed; and nothing behind its end is read. */
static void a_part_is_none(void **state)
{
	(void)state;
	uint8_t bytes[sizeof whole];
	struct hep hep;
	const struct span all = fact(bytes);
	for (size_t len = 0; len < all.len; len++) {
		size_t length;
		const struct span part = { bytes, len };
		const enum status status = hep_length(part, &length);
		assert_int_equal(status, len < HEP_HEAD ? ERR_TRUNCATED : OK);
		assert_int_not_equal(hep_decode(part, &hep), OK);
	}
	/* The whole of it, told to be shorter: a chunk goes over the end. */
	for (size_t length = HEP_HEAD; length < sizeof whole; length++) {
		bytes[5] = (uint8_t)length;
		assert_int_not_equal(hep_decode(all, &hep), OK);
	}
}

static void any_octet_may_be_wrong(void **state)
{
	(void)state;
	uint8_t bytes[sizeof whole];
	struct hep hep;
	for (size_t i = 0; i < sizeof whole; i++) {
		for (unsigned int value = 0; value < 256; value++) {
			const struct span all = fact(bytes);
			bytes[i] = (uint8_t)value;
			if (hep_decode(all, &hep) == OK)
				assert_true(hep.payload.at >= bytes &&
				            hep.payload.at + hep.payload.len <=
				                    bytes + sizeof whole);
		}
	}
}

static void note(void *self, const struct json_value *value)
{
	char *to = self;
	for (size_t i = 0; i < value->depth; i++)
		sprintf(to + strlen(to), "%.*s%u.", (int)value->keys[i].len,
		        value->keys[i].at ? value->keys[i].at : "", value->places[i]);
	sprintf(to + strlen(to), "=%.*s ", (int)value->text.len,
	        value->text.at ? value->text.at : "");
}

static const struct {
	const char *json;
	enum status status;
	const char *values;
} texts[] = {
	{ "{\"a\":1,\"b\":{\"c\":\"x\\\"y\"}}", OK, "a0.=1 b1.c0.=x\\\"y " },
	{ " [1, [2,3], {\"k\" : null} ] ", OK, "0.=1 1.0.=2 1.1.=3 2.k0.=null " },
	{ "{\"a\":[{\"b\":1},],}", OK, "a0.0.b0.=1 " }, /* one comma too many */
	{ "7 and more", OK, "=7 " },
	{ "", ERR_MALFORMED, "" },
	{ "{\"a\":", ERR_MALFORMED, "" },
	{ "{\"a\" 1}", ERR_MALFORMED, "" },
	{ "{\"a\":}", ERR_MALFORMED, "" },
	{ "{1:2}", ERR_MALFORMED, "" },
	{ "[1}", ERR_MALFORMED, "0.=1 " },
	{ "]", ERR_MALFORMED, "" },
	{ "\"open", ERR_MALFORMED, "" },
	{ "\"open\\", ERR_MALFORMED, "" },
	{ "[[[[[[[[1]]]]]]]]", OK, "0.0.0.0.0.0.0.0.=1 " },
	{ "[[[[[[[[[1]]]]]]]]]", ERR_TOO_LONG, "" },
};

static void json_is_scanned(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		char values[256] = "";
		const enum status status =
		        json_scan(text_from(texts[i].json), note, values);
		if (status != texts[i].status || strcmp(values, texts[i].values) != 0)
			fail_msg("%s: %s, %s", texts[i].json, status_name(status), values);
	}
}

static const struct {
	const char *text;
	enum json_type type;
	double number;
} numbers[] = {
	{ "0", JSON_NUMBER, 0 },       { "-3", JSON_NUMBER, -3 },
	{ "4.25", JSON_NUMBER, 4.25 }, { "3183606784", JSON_TEXT, 3183606784. },
	{ "1e5", JSON_NUMBER, NAN },   { "", JSON_TEXT, NAN },
	{ "true", JSON_WORD, NAN },    { "-", JSON_NUMBER, NAN },
	{ "12x", JSON_TEXT, NAN },     { "999999999999999999999", JSON_NUMBER, NAN },
};

static void numbers_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		const struct json_value value = { .type = numbers[i].type,
			                          .text = text_from(numbers[i].text) };
		const double got = json_number(&value);
		if (isnan(numbers[i].number) ? !isnan(got) : got != numbers[i].number)
			fail_msg("'%s' is %f", numbers[i].text, got);
	}
}

static void more_blocks_than_there_is_room_for(void **state)
{
	(void)state;
	char json[4096] = "{\"ssrc\":1,\"report_blocks\":[";
	struct hep_rtcp rtcp;
	for (int i = 0; i < 40; i++)
		strcat(json, "{\"source_ssrc\":7},");
	strcat(json, "]}");
	assert_int_equal(hep_rtcp_parse(text_from(json), &rtcp), OK);
	assert_int_equal(rtcp.count, HEP_BLOCKS);
	assert_true(rtcp.blocks[HEP_BLOCKS - 1].about == 7 &&
	            isnan(rtcp.blocks[0].fraction_lost) && isnan(rtcp.xr_about));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fact_is_read),
		cmocka_unit_test(a_part_is_none),
		cmocka_unit_test(any_octet_may_be_wrong),
		cmocka_unit_test(json_is_scanned),
		cmocka_unit_test(numbers_are_read),
		cmocka_unit_test(more_blocks_than_there_is_room_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
