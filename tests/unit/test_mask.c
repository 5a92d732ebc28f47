#include "web/mask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schema/field_text.h"

static const uint8_t key[SECRET_BYTES] = { 1, 2, 3 };

static void pseudonym(const char *of, char to[MASK_TEXT])
{
	struct mask mask;
	assert_true(secret_init());
	mask_init(&mask, key);
	mask_text(&mask, text_from(of), to);
	mask_free(&mask);
}

/* Without "sip:". */
static const char *core(const char *masked)
{
	const char *tilde = strchr(masked, '~');
	assert_non_null(tilde);
	return tilde;
}

static void a_person_is_known_however_written(void **state)
{
	(void)state;
	static const struct {
		const char *one, *other;
		bool same;
	} cases[] = {
		{ "sip:alice@a.example", "\"Al\" <sips:alice@b.example:5061;x=y>;tag=1",
		  true },
		{ "sip:alice@a.example", "alice", true },
		{ "sip:Alice@a.example", "alice@elsewhere", true },
		{ "sip:alice:secret@a.example", "sip:alice@a.example", true },
		{ "+49 (30) 123-456", "004930123456", true },
		{ "tel:+4930123456;phone-context=x", "sip:0049.30.123456@a.example", true },
		{ "sip:4930123456@a", "+4930123456", true },
		{ "sip:alice@a.example", "sip:bob@a.example", false },
		{ "+4930123456", "+4930123457", false },
		{ "sip:proxy.example", "sip:other.example", false },
		{ "sip:proxy.example;lr", "proxy.example", true },
		/* what looks like a number in part is none */
		{ "sip:4930x@a", "sip:4930@a", false },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char one[MASK_TEXT];
		char other[MASK_TEXT];
		pseudonym(cases[i].one, one);
		pseudonym(cases[i].other, other);
		assert_int_equal(strlen(core(one)), 13);
		if ((strcmp(core(one), core(other)) == 0) != cases[i].same)
			fail_msg("%s %s, %s %s", cases[i].one, one, cases[i].other, other);
	}
}

static void another_key_is_another_pseudonym(void **state)
{
	(void)state;
	static const uint8_t other_key[SECRET_BYTES] = { 1, 2, 4 };
	struct mask mask;
	char one[MASK_TEXT];
	char other[MASK_TEXT];
	pseudonym("alice", one);
	mask_init(&mask, other_key);
	mask_text(&mask, TEXT("alice"), other);
	assert_string_not_equal(one, other);
	mask_text(&mask, TEXT(""), other);
	assert_string_equal(other, "");
	mask_free(&mask);
}

/* Whatever a table has and does not call open: a field that is added is one of them. */
static void every_field_that_is_not_open_is_hidden(void **state)
{
	(void)state;
	static const char plant[] = "493012345678";
	for (unsigned int kind = 0; kind < RECORD_KIND_COUNT; kind++) {
		const struct field_table table = record_fields((enum record_kind)kind);
		for (size_t i = 0; i < table.count; i++) {
			const struct field *field = &table.fields[i];
			struct record record;
			struct mask mask;
			char *text = (char *)&record + field->offset;
			record_clear(&record, (enum record_kind)kind);
			mask_init(&mask, key);
			if (field->type == FIELD_TEXT && !field->open) {
				text_copy(text, field->size, text_from(plant));
				mask_record(&mask, &record);
				assert_null(strstr(text, plant));
				assert_true(text[0]);
				assert_true(mask_hides(field));
			} else if (field->type == FIELD_ENDPOINT ||
			           field->type == FIELD_ADDRESS) {
				struct endpoint e = { .port = 5060 };
				assert_int_equal(
				        address_parse(TEXT("192.0.2.7"), &e.address), OK);
				memcpy(text, &e, sizeof e);
				mask_record(&mask, &record);
				assert_memory_equal(text, "\x01\x00\0\0\0\0\0\0", 8);
				assert_true(mask_hides(field));
			}
			mask_free(&mask);
		}
	}
}

static void what_everybody_says_stays(void **state)
{
	(void)state;
	static const struct {
		const char *reason;
		bool stays;
	} cases[] = {
		{ "Busy Here", true },
		{ "PROXY AUTHENTICATION REQUIRED", true },
		{ "Busy Here alice", false },
		{ "alice", false },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct mask mask;
		struct record leg;
		record_clear(&leg, RECORD_LEG);
		text_copy(leg.leg.reason, sizeof leg.leg.reason,
		          text_from(cases[i].reason));
		mask_init(&mask, key);
		mask_record(&mask, &leg);
		assert_int_equal(strcmp(leg.leg.reason, cases[i].reason) == 0,
		                 cases[i].stays);
		mask_free(&mask);
	}
}

static void a_carrier_is_no_person(void **state)
{
	(void)state;
	struct mask mask;
	struct record leg;
	struct address carrier;
	record_clear(&leg, RECORD_LEG);
	assert_int_equal(address_parse(TEXT("192.0.2.7"), &carrier), OK);
	leg.leg.src.address = carrier;
	text_copy(leg.leg.trunk_src, sizeof leg.leg.trunk_src, TEXT("carrier-a"));
	mask_init(&mask, key);
	assert_false(address_equal(&carrier, &(struct address){ 0 }));
	const struct address before = mask_address(&mask, &carrier);
	assert_false(address_equal(&before, &carrier));
	mask_record(&mask, &leg);
	assert_true(address_equal(&leg.leg.src.address, &carrier));
	assert_string_equal(leg.leg.trunk_src, "carrier-a");
	/* nor is it from there on */
	const struct address after = mask_address(&mask, &carrier);
	assert_true(address_equal(&after, &carrier));
	mask_free(&mask);
}

/* What the configuration made of a number is who it is. */
static void a_completed_number_is_the_caller(void **state)
{
	(void)state;
	struct mask mask;
	struct record leg;
	char in_header[MASK_TEXT];
	record_clear(&leg, RECORD_LEG);
	text_copy(leg.leg.from, sizeof leg.leg.from, TEXT("sip:030123456@pbx.example"));
	text_copy(leg.leg.number_from, sizeof leg.leg.number_from, TEXT("+4930123456"));
	mask_init(&mask, key);
	mask_record(&mask, &leg);
	assert_string_equal(core(leg.leg.from), core(leg.leg.number_from));
	mask_text(&mask, TEXT("<sip:030123456@pbx.example>;tag=1"), in_header);
	assert_string_equal(core(in_header), core(leg.leg.from));
	pseudonym("sip:+4930123456@carrier.example", in_header);
	assert_string_equal(core(in_header), core(leg.leg.from));
	mask_free(&mask);
}

static void sentences_keep_their_sense(void **state)
{
	(void)state;
	/* ~ stands for a pseudonym, @ for an address of nobody */
	static const struct {
		const char *evidence, *masked;
	} cases[] = {
		{ "624 packets, 20 lost", "624 packets, 20 lost" },
		{ "SDP says 192.168.1.5:4000, but came from 198.51.100.1; 5 packets",
		  "SDP says @:4000, but came from @; 5 packets" },
		{ "503 \"No circuit for alice\", Q.850 cause 34", "503 ~, Q.850 cause 34" },
		{ "503 \"say \"hello\" to alice\", Retry-After", "503 ~, Retry-After" },
		{ "503 \"cut al", "503 ~" },
		{ "dialled 493012345678, twice", "dialled ~, twice" },
		{ "ends in [2001:db8::1]:5060.", "ends in @:5060." },
		{ "account sip:alice@pbx.example: 9 times", "account sip:~: 9 times" },
		{ "tried by alice@pbx.example, thrice", "tried by ~, thrice" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct mask mask;
		struct record record;
		char *text = record.finding.evidence;
		record_clear(&record, RECORD_FINDING);
		text_copy(text, FINDING_TEXT, text_from(cases[i].evidence));
		mask_init(&mask, key);
		mask_record(&mask, &record);
		const char *want = cases[i].masked;
		for (; *want; want++) {
			if (*want == '~') {
				assert_int_equal(*text, '~');
				text += 13;
			} else if (*want == '@') {
				text += *text == '[';
				assert_int_equal(strncmp(text, "100::", 5), 0);
				text += strspn(text, "0123456789abcdef:");
				text += *text == ']';
				text -= want[1] == ';' && text[-1] == ':';
			} else {
				if (*text != *want)
					fail_msg("%s: %s", cases[i].evidence,
					         record.finding.evidence);
				text++;
			}
		}
		assert_string_equal(text, "");
		mask_free(&mask);
	}
}

static void what_people_type_keeps_its_words(void **state)
{
	(void)state;
	static const struct {
		const char *said;
		bool same;
	} cases[] = {
		{ "back at 10:30, ticket A-1234; port 5060", true },
		{ "all 12 of 345 calls", true },
		{ "", true },
		{ "ask 493012345678", false },
		{ "ask +49 (30) 123-45", false },
		{ "ask 0 8 9 1 2 3", false },
		{ "he is x49301234y", false },
		{ "from 192.0.2.7:5060.", false },
		{ "from [2001:db8::1]:5060", false },
		{ "alice@example.org", false },
		{ "<sip:alice>", false },
	};
	static const char *const secrets[] = { "3012", "123",   "192.0.2",
		                               "2001", "alice", "0 8 9" };
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct mask mask;
		struct buffer out = { 0 };
		mask_init(&mask, key);
		mask_add_words(&mask, text_from(cases[i].said), &out);
		buffer_add_char(&out, '\0');
		assert_false(out.failed);
		assert_int_equal(strcmp(out.at, cases[i].said) == 0, cases[i].same);
		for (size_t s = 0; s < ARRAY_LEN(secrets) && !cases[i].same; s++)
			if (strstr(out.at, secrets[s]))
				fail_msg("%s: %s", cases[i].said, out.at);
		buffer_free(&out);
		mask_free(&mask);
	}
}

static void an_alert_says_which_rule_and_trunk(void **state)
{
	(void)state;
	struct mask mask;
	struct record record;
	struct alert_record *alert = &record.alert;
	record_clear(&record, RECORD_ALERT);
	text_copy(alert->rule, sizeof alert->rule, TEXT("brute_force"));
	text_copy(alert->trunk, sizeof alert->trunk, TEXT("carrier-a"));
	text_copy(alert->subject, sizeof alert->subject,
	          TEXT("from 192.0.2.7 to 493012345678"));
	text_copy(alert->query, sizeof alert->query, TEXT("trunk = \"carrier-a\""));
	mask_init(&mask, key);
	mask_record(&mask, &record);
	assert_string_equal(alert->rule, "brute_force");
	assert_string_equal(alert->trunk, "carrier-a");
	assert_string_equal(alert->query, "trunk = \"carrier-a\"");
	assert_int_equal(strncmp(alert->subject, "from 100::", 10), 0);
	assert_null(strstr(alert->subject, "192.0.2.7"));
	assert_null(strstr(alert->subject, "493012345678"));
	mask_free(&mask);
}

static void of_a_message_stays_how_it_went(void **state)
{
	(void)state;
	static const char message[] =
	        "SIP/2.0 183 Session Progress\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
	        "CSeq: 7 INVITE\r\nAllow: INVITE, ACK\r\nSession-Expires: 1800;refresher=uas\r\n"
	        "Content-Type: application/sdp\r\nContent-Length: 9\r\n\r\n"
	        "v=0\r\nm=audio 4000 RTP/AVP 18 101\r\na=rtpmap:18 G729/8000\r\n"
	        "a=fmtp:18 annexb=no\r\na=rtpmap:101 telephone-event/8000\r\n"
	        "a=fmtp:101 0-16,36\r\na=ptime:20\r\na=sendonly\r\n";
	static const char sdp[] =
	        "\r\n\r\nv=0\r\nm=audio 4000 RTP/AVP 18 101\r\na=rtpmap:18 G729/8000\r\n"
	        "a=fmtp:18 annexb=no\r\na=rtpmap:101 telephone-event/8000\r\n"
	        "a=fmtp:101 0-16,36\r\na=ptime:20\r\na=sendonly\r\n";
	static const char *const stay[] = {
		"SIP/2.0 183 Session Progress\r\n",
		"\r\nVia: SIP/2.0/UDP ~",
		"\r\nCSeq: 7 INVITE\r\n",
		"\r\nAllow: INVITE, ACK\r\n",
		"\r\nSession-Expires: 1800;refresher=uas\r\n",
		"\r\nContent-Type: application/sdp\r\n",
		sdp,
	};
	struct mask mask;
	struct buffer out = { 0 };
	mask_init(&mask, key);
	mask_add_message(&mask, text_from(message), &out);
	buffer_add_char(&out, '\0');
	for (size_t i = 0; i < ARRAY_LEN(stay); i++) {
		if (!strstr(out.at, stay[i]))
			fail_msg("%s\nis not in\n%s", stay[i], out.at);
	}
	buffer_free(&out);
	mask_free(&mask);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_person_is_known_however_written),
		cmocka_unit_test(another_key_is_another_pseudonym),
		cmocka_unit_test(every_field_that_is_not_open_is_hidden),
		cmocka_unit_test(what_everybody_says_stays),
		cmocka_unit_test(a_carrier_is_no_person),
		cmocka_unit_test(a_completed_number_is_the_caller),
		cmocka_unit_test(sentences_keep_their_sense),
		cmocka_unit_test(what_people_type_keeps_its_words),
		cmocka_unit_test(an_alert_says_which_rule_and_trunk),
		cmocka_unit_test(of_a_message_stays_how_it_went),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
