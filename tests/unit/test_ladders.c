#include "schema/ladders.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

enum { SRC = 3, DST, TRANSPORT, SUMMARY, CSEQ }; /* places in a message's list */

static struct message_record message_of(uint64_t leg, uint64_t frame)
{
	static const uint8_t bytes[] = { 198, 18, 0, 1 };
	struct message_record m = {
		.id = UINT64_MAX - frame,
		.leg = leg,
		.at = -1,
		.frame = frame,
		.src = { address_ipv4(bytes), (uint16_t)(frame % 3 + 1) },
		.dst = { address_ipv4(bytes), 5060 },
		.transport = TRANSPORT_UDP,
		.cseq = "1 INVITE",
		.length = UINT64_MAX,
	};
	/* The longest there is, and what JSON must escape. */
	memset(m.summary, frame % 2 ? '\x1f' : '"', sizeof m.summary - 1);
	return m;
}

static json_t *read_ladder(const struct ladders *ladders, uint64_t leg)
{
	const struct text t = ladders_text(ladders, leg);
	json_t *list = json_loadb(t.at, t.len, 0, NULL);
	assert_true(json_is_array(list));
	return list;
}

static void check_message(const json_t *list, uint64_t frame)
{
	const struct message_record m = message_of(1, frame);
	const json_t *message = json_array_get(list, frame);
	char src[ENDPOINT_TEXT_SIZE];
	assert_int_equal(json_array_size(message), 11);
	assert_int_equal(json_integer_value(json_array_get(message, 0)),
	                 -1 - (json_int_t)frame);
	assert_int_equal(json_integer_value(json_array_get(message, 1)), -1); /* us */
	assert_int_equal(json_integer_value(json_array_get(message, 2)), frame);
	if (frame && frame % 3 == 0)
		assert_int_equal(json_integer_value(json_array_get(message, SRC)), 0);
	else
		assert_string_equal(json_string_value(json_array_get(message, SRC)),
		                    endpoint_format(&m.src, src));
	if (frame)
		assert_int_equal(json_integer_value(json_array_get(message, DST)), 1);
	assert_string_equal(json_string_value(json_array_get(message, TRANSPORT)), "udp");
	assert_string_equal(json_string_value(json_array_get(message, SUMMARY)), m.summary);
	assert_string_equal(json_string_value(json_array_get(message, CSEQ)), m.cseq);
}

/* Of every length, so that messages are cut at every place of a piece. */
static void ladders_of_any_length_are_whole(void **state)
{
	struct ladders ladders = { 0 };
	(void)state;
	assert_int_equal(ladders_init(&ladders), OK);
	for (uint64_t frame = 0; frame < 200; frame++) {
		struct message_record message = message_of(1, frame);
		struct message_record other = { .leg = 2 + frame % 7, .cseq = "2 BYE" };
		message.length = frame;
		assert_int_equal(ladders_add(&ladders, &message), OK);
		assert_int_equal(ladders_add(&ladders, &other), OK);
		json_t *list = read_ladder(&ladders, 1);
		assert_int_equal(json_array_size(list), frame + 1);
		for (uint64_t i = 0; i <= frame; i++)
			check_message(list, i);
		json_decref(list);
	}
	json_t *list = read_ladder(&ladders, 5);
	assert_int_equal(json_array_size(list), 29);
	json_decref(list);
	ladders_drop(&ladders, 1);
	assert_int_equal(ladders_text(&ladders, 1).len, 0);
	ladders_free(&ladders);
}

static void a_ladder_ends_at_its_limit_and_is_json(void **state)
{
	struct ladders ladders = { 0 };
	size_t count = 0;
	(void)state;
	assert_int_equal(ladders_init(&ladders), OK);
	for (int round = 0; round < 2; round++, count = 0) {
		struct message_record message = message_of(1, 0);
		message.length = 0;
		while (ladders_add(&ladders, &message) == OK)
			count++;
		assert_int_equal(ladders_add(&ladders, &message), ERR_FULL);
		json_t *list = read_ladder(&ladders, 1);
		assert_int_equal(json_array_size(list), count);
		json_decref(list);
		assert_in_range(ladders_text(&ladders, 1).len, LADDER_MAX_BYTES - 1000,
		                LADDER_MAX_BYTES);
		ladders_drop(&ladders, 1);
	}
	ladders_free(&ladders);
}

static void all_ladders_together_have_a_limit(void **state)
{
	const uint64_t spread = UINT64_C(0x9e3779b97f4a7c15); /* ids are hashes */
	struct ladders ladders = { 0 };
	enum status status = OK;
	size_t bytes = 0;
	(void)state;
	assert_int_equal(ladders_init(&ladders), OK);
	for (uint64_t leg = 1; status == OK; leg++) {
		struct message_record message = { .leg = leg * spread };
		status = ladders_add(&ladders, &message);
		bytes += 1024;
	}
	assert_int_equal(status, ERR_FULL);
	assert_true(bytes <= LADDERS_MAX_BYTES);
	/* Those that are there go on. */
	struct message_record message = { .leg = spread };
	assert_int_equal(ladders_add(&ladders, &message), OK);
	ladders_free(&ladders);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ladders_of_any_length_are_whole),
		cmocka_unit_test(a_ladder_ends_at_its_limit_and_is_json),
		cmocka_unit_test(all_ladders_together_have_a_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
