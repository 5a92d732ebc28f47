#include "analyzer/track/used_codecs.h"

#include "tests/unit/unit.h"

static const struct {
	const char *what;
	struct {
		enum codec codec;
		nstime first;
	} added[4];
	enum codec want[4]; /* CODEC_UNKNOWN ends the list */
} cases[] = {
	{ "the order is that of first use, not of arrival here",
	  { { CODEC_PCMU, 20 }, { CODEC_OPUS, 10 }, { CODEC_G729, 30 } },
	  { CODEC_OPUS, CODEC_PCMU, CODEC_G729 } },
	{ "a codec is listed once",
	  { { CODEC_PCMU, 10 }, { CODEC_PCMU, 30 } },
	  { CODEC_PCMU } },
	{ "an earlier use moves it forward",
	  { { CODEC_PCMU, 10 }, { CODEC_PCMA, 20 }, { CODEC_PCMA, 5 } },
	  { CODEC_PCMA, CODEC_PCMU } },
	{ "a later use does not move it back",
	  { { CODEC_PCMU, 10 }, { CODEC_PCMA, 20 }, { CODEC_PCMU, 30 } },
	  { CODEC_PCMU, CODEC_PCMA } },
	{ "ties are in the order of the codec table, whoever came first",
	  { { CODEC_OPUS, 10 }, { CODEC_PCMU, 10 }, { CODEC_G722, 10 } },
	  { CODEC_PCMU, CODEC_G722, CODEC_OPUS } },
};

static void order_of_first_use(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct used_codecs used = { 0 };
		for (size_t a = 0; a < 4 && cases[i].added[a].codec; a++)
			used_codecs_add(&used, cases[i].added[a].codec,
			                cases[i].added[a].first);
		size_t want = 0;
		for (; want < 4 && cases[i].want[want]; want++)
			if (used.codecs[want] != cases[i].want[want])
				fail_msg("%s: place %zu", cases[i].what, want);
		if (used.count != want)
			fail_msg("%s: %u codecs", cases[i].what, used.count);
	}
}

static void past_the_cap_the_first_ones_stay(void **state)
{
	(void)state;
	struct used_codecs used = { 0 };
	for (unsigned int i = 0; i < RECORD_MAX_CODECS + 3; i++)
		used_codecs_add(&used, (enum codec)(CODEC_PCMU + i), i);
	assert_int_equal(used.count, RECORD_MAX_CODECS);
	for (unsigned int i = 0; i < RECORD_MAX_CODECS; i++)
		assert_int_equal(used.codecs[i], CODEC_PCMU + i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_of_first_use),
		cmocka_unit_test(past_the_cap_the_first_ones_stay),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
