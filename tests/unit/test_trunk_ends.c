/* test_trunk_ends.c - what legs and streams are to the trunks at their ends. */
#include "analyzer/track/trunk_ends.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/model/trunk.h"
#include "analyzer/track/leg_numbers.h"
#include "tests/unit/unit.h"

static struct endpoint at(const char *address, uint16_t port)
{
	struct endpoint out = { .port = port };
	assert_int_equal(address_parse(text_from(address), &out.address), OK);
	return out;
}

static void add(struct trunks *trunks, const struct trunk *trunk, const char *net)
{
	struct trunk_net parsed = { .bits = 0 };
	assert_int_equal(trunks_add(trunks, trunk), OK);
	assert_int_equal(trunk_net_parse(text_from(net), &parsed), OK);
	assert_int_equal(trunks_add_net(trunks, TRUNK_SIGNALLING, &parsed), OK);
}

#define STRICT "198.51.100.1"
#define NATIONAL "198.51.100.2"
#define EASY "198.51.100.3"
#define NOBODY "203.0.113.1"

struct world {
	struct trunks *trunks;
	struct number_plan plan;
	struct settings settings;
};

static int set_up(void **state)
{
	struct world *world = calloc(1, sizeof *world);
	struct trunk_conflict conflict;
	struct trunk strict = trunk_default(), national = trunk_default(),
	             easy = trunk_default();
	if (!world || trunks_new(&world->trunks) != OK)
		return -1;
	strcpy(strict.name, "strict");
	strict.number_format = NUMBER_FORMAT_E164;
	strict.transports = 1u << TRANSPORT_TLS | 1u << TRANSPORT_TCP;
	strict.dscp_signalling = 24;
	strict.codecs[0] = CODEC_PCMA;
	strict.codecs[1] = CODEC_G722;
	strict.codec_count = 2;
	strict.dscp = 46;
	strict.media_security = MEDIA_SECURITY_SRTP;
	strcpy(national.name, "national");
	national.number_format = NUMBER_FORMAT_NATIONAL;
	national.media_security = MEDIA_SECURITY_RTP;
	strcpy(easy.name, "easy");
	add(world->trunks, &strict, STRICT);
	add(world->trunks, &national, NATIONAL);
	add(world->trunks, &easy, EASY);
	assert_int_equal(trunks_seal(world->trunks, &conflict), OK);
	number_plan_default(&world->plan);
	strcpy(world->plan.country_code, "44");
	strcpy(world->plan.national_prefix, "0");
	strcpy(world->plan.international_prefix, "00");
	world->settings = settings_default();
	world->settings.trunks = world->trunks;
	world->settings.numbers = &world->plan;
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;
	trunks_free(world->trunks);
	free(world);
	return 0;
}

static const struct {
	const char *what, *src, *dst, *from, *to;
	const char *number_from, *number_to, *label;
	bool emergency;
	enum number_violation violation;
} legs[] = {
	{ "as it is wanted", NOBODY, STRICT, "sip:+442079460123@a.example",
	  "sip:+12015550123@b.example;user=phone", "+442079460123", "+12015550123",
	  "North America", false, NUMBER_VIOLATION_NONE },
	{ "without plus", NOBODY, STRICT, "sip:+442079460123@a.example",
	  "sip:02079460124@b.example", "+442079460123", "+442079460124", "United Kingdom",
	  false, NUMBER_VIOLATION_TO },
	{ "from the trunk, too", STRICT, NOBODY, "sip:02079460123@a.example",
	  "sip:+442079460124@b.example", "+442079460123", "+442079460124", "United Kingdom",
	  false, NUMBER_VIOLATION_FROM },
	{ "both", STRICT, EASY, "tel:020-7946-0123", "tel:00442079460124", "+442079460123",
	  "+442079460124", "United Kingdom", false, NUMBER_VIOLATION_BOTH },
	{ "two trunks that want two things", STRICT, NATIONAL,
	  "sip:+442079460123@a.example", "sip:02079460124@b.example", "+442079460123",
	  "+442079460124", "United Kingdom", false, NUMBER_VIOLATION_BOTH },
	{ "nothing is wanted", NOBODY, EASY, "sip:02079460123@a.example",
	  "sip:442079460124@b.example", "+442079460123", "+442079460124", "United Kingdom",
	  false, NUMBER_VIOLATION_NONE },
	{ "names", STRICT, STRICT, "sip:alice@a.example", "sip:bob@b.example", "", "", "",
	  false, NUMBER_VIOLATION_NONE },
	{ "emergency", NOBODY, STRICT, "sip:1001@a.example", "sip:112@b.example", "1001",
	  "112", "emergency", true, NUMBER_VIOLATION_NONE },
	{ "a service", NOBODY, STRICT, "sip:1001@a.example", "urn:service:sos.police",
	  "1001", "", "emergency", true, NUMBER_VIOLATION_NONE },
	{ "another service", NOBODY, STRICT, "sip:1001@a.example", "urn:service:counseling",
	  "1001", "", "", false, NUMBER_VIOLATION_NONE },
	{ "calls from one are none to one", NOBODY, STRICT, "sip:112@a.example",
	  "sip:1001@b.example", "112", "1001", "", false, NUMBER_VIOLATION_NONE },
	{ "digits of another scheme", NOBODY, STRICT, "mailto:02079460123@a.example",
	  "im:02079460123@b.example", "", "", "", false, NUMBER_VIOLATION_NONE },
	{ "no URIs", NOBODY, STRICT, "", "02079460123", "", "", "", false,
	  NUMBER_VIOLATION_NONE },
};

static void numbers_of_a_leg(void **state)
{
	const struct world *world = *state;
	for (size_t i = 0; i < ARRAY_LEN(legs); i++) {
		struct leg_record leg = { .src = at(legs[i].src, 5060),
			                  .dst = at(legs[i].dst, 5060),
			                  .transport = TRANSPORT_TCP };
		strcpy(leg.from, legs[i].from);
		strcpy(leg.to, legs[i].to);
		memset(leg.number_to, 'x', sizeof leg.number_to);
		memset(leg.prefix_label, 'x', sizeof leg.prefix_label);
		trunk_ends_of_leg(&world->settings, &leg);
		if (strcmp(leg.number_from, legs[i].number_from) != 0 ||
		    strcmp(leg.number_to, legs[i].number_to) != 0 ||
		    strcmp(leg.prefix_label, legs[i].label) != 0 ||
		    leg.emergency != legs[i].emergency ||
		    leg.number_violation != legs[i].violation)
			fail_msg("%s: %s to %s, %s, emergency %d, violation %d",
			         legs[i].what, leg.number_from, leg.number_to,
			         leg.prefix_label, leg.emergency, leg.number_violation);
	}
}

static void signalling_otherwise_than_expected(void **state)
{
	static const struct {
		const char *src, *dst;
		enum transport transport;
		double dscp_src, dscp_dst;
		uint32_t violations;
	} cases[] = {
		{ NOBODY, STRICT, TRANSPORT_TCP, 24, 24, 0 },
		{ NOBODY, STRICT, TRANSPORT_UDP, 24, 24, LEG_VIOLATES_TRANSPORT },
		{ STRICT, NOBODY, TRANSPORT_UDP, 24, 24, LEG_VIOLATES_TRANSPORT },
		{ NOBODY, STRICT, TRANSPORT_TCP, 0, 24, LEG_VIOLATES_DSCP },
		{ NOBODY, STRICT, TRANSPORT_TCP, 24, 26, LEG_VIOLATES_DSCP },
		{ NOBODY, STRICT, TRANSPORT_TCP, 24, NAN, 0 }, /* never answered */
		{ STRICT, NOBODY, TRANSPORT_UDP, 0, 0,
		  LEG_VIOLATES_TRANSPORT | LEG_VIOLATES_DSCP },
		{ EASY, NOBODY, TRANSPORT_UDP, 0, 0, 0 },
		{ NOBODY, NOBODY, TRANSPORT_UDP, 0, 0, 0 },
	};
	const struct world *world = *state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct leg_record leg = { .src = at(cases[i].src, 5060),
			                  .dst = at(cases[i].dst, 5060),
			                  .transport = cases[i].transport,
			                  .dscp_src = cases[i].dscp_src,
			                  .dscp_dst = cases[i].dscp_dst };
		trunk_ends_of_leg(&world->settings, &leg);
		assert_int_equal(leg.trunk_violations, cases[i].violations);
	}
}

static void media_otherwise_than_expected(void **state)
{
	static const struct {
		const char *what, *src, *dst;
		enum codec codec;
		uint64_t dscp, leg;
		bool encrypted;
		uint32_t violations;
	} cases[] = {
		{ "all right", STRICT, NOBODY, CODEC_PCMA, 46, 1, true, 0 },
		{ "the second codec", NOBODY, STRICT, CODEC_G722, 46, 1, true, 0 },
		{ "codec", NOBODY, STRICT, CODEC_PCMU, 46, 1, true, STREAM_VIOLATES_CODEC },
		{ "a codec nobody knows", NOBODY, STRICT, CODEC_UNKNOWN, 46, 1, true, 0 },
		{ "DSCP", NOBODY, STRICT, CODEC_PCMA, 0, 1, true, STREAM_VIOLATES_DSCP },
		{ "clear", NOBODY, STRICT, CODEC_PCMA, 46, 1, false,
		  STREAM_VIOLATES_SECURITY },
		{ "clear or not, nobody says", NOBODY, STRICT, CODEC_PCMA, 46, 0, false,
		  0 },
		{ "encrypted", NATIONAL, NOBODY, CODEC_PCMU, 0, 1, true,
		  STREAM_VIOLATES_SECURITY },
		{ "between two", STRICT, NATIONAL, CODEC_PCMU, 0, 1, true,
		  STREAM_VIOLATES_CODEC | STREAM_VIOLATES_DSCP | STREAM_VIOLATES_SECURITY },
		{ "nothing is expected", EASY, NOBODY, CODEC_PCMU, 0, 1, true, 0 },
	};
	const struct world *world = *state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct stream_record stream = { .src = at(cases[i].src, 4000),
			                        .dst = at(cases[i].dst, 4002),
			                        .codec = cases[i].codec,
			                        .dscp = cases[i].dscp,
			                        .leg = cases[i].leg,
			                        .encrypted = cases[i].encrypted };
		trunk_ends_of_stream(&world->settings, &stream);
		if (stream.trunk_violations != cases[i].violations)
			fail_msg("%s: %u", cases[i].what, stream.trunk_violations);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_of_a_leg),
		cmocka_unit_test(signalling_otherwise_than_expected),
		cmocka_unit_test(media_otherwise_than_expected),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
