/*
 * Forms: RFC 3966 sections 5 and 6.  Country codes: the list annexed to the ITU Operational
 * Bulletin.  The numbers themselves are those that Ofcom and the NANPA keep for fiction.
 */
#include "analyzer/model/number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/model/country.h"
#include "tests/unit/unit.h"

enum place { NOWHERE, BRITAIN, AMERICA, ITALY, PLACES };

static struct number_plan *plans[PLACES]; /* NOWHERE: nothing said but the defaults */

static int set_up(void **state)
{
	static const struct {
		const char *country, *national, *international;
	} said[PLACES] = {
		[NOWHERE] = { "", "", "" },
		[BRITAIN] = { "44", "0", "00" },
		[AMERICA] = { "1", "1", "011" },
		[ITALY] = { "39", "", "00" },
	};
	(void)state;
	for (size_t i = 0; i < PLACES; i++) {
		plans[i] = calloc(1, sizeof *plans[i]);
		if (!plans[i])
			return -1;
		number_plan_default(plans[i]);
		strcpy(plans[i]->country_code, said[i].country);
		strcpy(plans[i]->national_prefix, said[i].national);
		strcpy(plans[i]->international_prefix, said[i].international);
	}
	strcpy(plans[BRITAIN]->emergency[2], "999");
	plans[BRITAIN]->emergency_count = 3;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < PLACES; i++)
		free(plans[i]);
	return 0;
}

#define NO NUMBER_NONE
#define SHORT NUMBER_SHORT
#define LOCAL NUMBER_LOCAL
#define GLOBAL NUMBER_GLOBAL
#define ANY NUMBER_FORMAT_ANY
#define E164 NUMBER_FORMAT_E164
#define INT NUMBER_FORMAT_INTERNATIONAL
#define NAT NUMBER_FORMAT_NATIONAL

/* clang-format off */
static const struct {
	const char *what;
	enum place place;
	enum number_format rule;
	const char *user, *digits;
	enum number_kind kind;
	enum number_format written;
} cases[] = {
	{ "a plus says all", NOWHERE, ANY, "+442079460123", "+442079460123", GLOBAL, E164 },
	{ "separators are for the eye", NOWHERE, ANY, "+1-201-555-0123", "+12015550123", GLOBAL, E164 },
	{ "so are brackets and dots", BRITAIN, ANY, "(020) 7946.0123", "+442079460123", GLOBAL, NAT },
	{ "the zero in brackets is not dialled", NOWHERE, ANY, "+44 (0)20 7946 0123", "+442079460123", GLOBAL, E164 },
	{ "an escaped plus", NOWHERE, ANY, "%2b442079460123", "+442079460123", GLOBAL, E164 },
	{ "an extension is left out", NOWHERE, ANY, "+442079460123;ext=12", "+442079460123", GLOBAL, E164 },
	{ "15 digits", NOWHERE, ANY, "+441234567890123", "+441234567890123", GLOBAL, E164 },
	{ "16 are too many", NOWHERE, ANY, "+4412345678901234", "+4412345678901234", LOCAL, ANY },
	{ "no such country", NOWHERE, ANY, "+2102079460123", "+2102079460123", LOCAL, ANY },
	{ "no country begins with 0", NOWHERE, ANY, "+02079460123", "+02079460123", LOCAL, ANY },
	{ "Niue has numbers of 7", NOWHERE, ANY, "+6834000", "+6834000", GLOBAL, E164 },

	{ "nothing is guessed: 0", NOWHERE, ANY, "02079460123", "02079460123", LOCAL, ANY },
	{ "nothing is guessed: 00", NOWHERE, ANY, "00442079460123", "00442079460123", LOCAL, ANY },
	{ "nothing is guessed: bare", NOWHERE, ANY, "442079460123", "442079460123", LOCAL, ANY },
	{ "the trunk's rule says it", NOWHERE, INT, "442079460123", "+442079460123", GLOBAL, INT },
	{ "national, of nowhere", NOWHERE, NAT, "2079460123", "2079460123", LOCAL, NAT },

	{ "trunk prefix", BRITAIN, ANY, "02079460123", "+442079460123", GLOBAL, NAT },
	{ "exit code", BRITAIN, ANY, "00442079460123", "+442079460123", GLOBAL, INT },
	{ "exit code, abroad", BRITAIN, ANY, "0012015550123", "+12015550123", GLOBAL, INT },
	{ "country code alone", BRITAIN, ANY, "442079460123", "+442079460123", GLOBAL, INT },
	{ "foreign country code alone", BRITAIN, ANY, "12015550123", "+12015550123", GLOBAL, INT },
	{ "of the same town", BRITAIN, ANY, "79460123", "79460123", LOCAL, ANY },
	{ "exit code to no country", BRITAIN, ANY, "002102079460123", "002102079460123", LOCAL, ANY },
	{ "too short for an area", BRITAIN, ANY, "020794", "020794", SHORT, ANY },

	{ "ten digits", AMERICA, ANY, "2015550123", "+12015550123", GLOBAL, NAT },
	{ "1 and ten digits", AMERICA, ANY, "12015550123", "+12015550123", GLOBAL, NAT },
	{ "1 may be the country's", AMERICA, INT, "12015550123", "+12015550123", GLOBAL, INT },
	{ "011", AMERICA, ANY, "011442079460123", "+442079460123", GLOBAL, INT },
	{ "seven digits", AMERICA, ANY, "5550123", "5550123", LOCAL, ANY },

	{ "no prefix, and no rule", ITALY, ANY, "0655512345", "0655512345", LOCAL, ANY },
	{ "no prefix, by rule", ITALY, NAT, "0655512345", "+390655512345", GLOBAL, NAT },
	{ "begins like the country", ITALY, NAT, "3931234567", "+393931234567", GLOBAL, NAT },
	{ "country code alone", ITALY, ANY, "390655512345", "+390655512345", GLOBAL, INT },

	{ "home's context", BRITAIN, ANY, "02079460123;phone-context=+44", "+442079460123", GLOBAL, NAT },
	{ "home's context, no prefix", BRITAIN, ANY, "2079460123;phone-context=+44", "+442079460123", GLOBAL, NAT },
	{ "a foreign context", BRITAIN, ANY, "3012345678;phone-context=+49", "+493012345678", GLOBAL, NAT },
	{ "its trunk prefix is not known", BRITAIN, ANY, "03012345678;phone-context=+49", "03012345678", LOCAL, ANY },
	{ "a context said to nobody", NOWHERE, ANY, "2015550123;phone-context=+1", "+12015550123", GLOBAL, NAT },
	{ "an area is no country", NOWHERE, ANY, "863-1234;phone-context=+1-914-555", "8631234", LOCAL, ANY },
	{ "seven digits in +1", NOWHERE, ANY, "863-1234;phone-context=+1", "8631234", LOCAL, ANY },
	{ "a domain", NOWHERE, ANY, "7042;phone-context=example.com", "7042", SHORT, ANY },
	{ "a domain, at home", BRITAIN, ANY, "02079460123;phone-context=ims.example", "+442079460123", GLOBAL, NAT },

	{ "an extension", BRITAIN, ANY, "1001", "1001", SHORT, ANY },
	{ "a service", BRITAIN, ANY, "*21*02079460123#", "*21*02079460123#", SHORT, ANY },
	{ "an escaped service", BRITAIN, ANY, "%23%32%31", "#21", SHORT, ANY },
	{ "a name", BRITAIN, ANY, "alice", "", NO, ANY },
	{ "a name that begins well", BRITAIN, ANY, "+44alice", "", NO, ANY },
	{ "nothing", BRITAIN, ANY, "", "", NO, ANY },
	{ "a plus alone", BRITAIN, ANY, "+", "", NO, ANY },
	{ "a plus inside", BRITAIN, ANY, "1+2", "", NO, ANY },
	{ "an escape cut short", BRITAIN, ANY, "12%2", "", NO, ANY },
	{ "23 digits", BRITAIN, ANY, "00012345678901234567890", "00012345678901234567890", LOCAL, ANY },
	{ "24 digits are none", BRITAIN, ANY, "000123456789012345678901", "", NO, ANY },
};
/* clang-format on */

static void numbers_are_completed_as_the_rules_allow(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct number number;
		number_read(plans[cases[i].place], cases[i].rule, text_from(cases[i].user),
		            &number);
		if (strcmp(number.digits, cases[i].digits) != 0 ||
		    number.kind != cases[i].kind || number.written != cases[i].written)
			fail_msg("%s: %s is %s, kind %d, written %d", cases[i].what,
			         cases[i].user, number.digits, number.kind, number.written);
	}
}

static void no_plan_is_an_empty_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct number with, without;
		if (cases[i].place != NOWHERE)
			continue;
		number_read(plans[NOWHERE], cases[i].rule, text_from(cases[i].user), &with);
		number_read(NULL, cases[i].rule, text_from(cases[i].user), &without);
		assert_string_equal(with.digits, without.digits);
		assert_int_equal(with.kind, without.kind);
	}
}

static const struct {
	const char *what;
	enum place place;
	enum number_format rule;
	const char *user;
	bool violates;
} violations[] = {
	{ "anything goes", BRITAIN, ANY, "02079460123", false },
	{ "plus", BRITAIN, E164, "+442079460123", false },
	{ "plus and separators", BRITAIN, E164, "+44-20-7946-0123", false },
	{ "no plus", BRITAIN, E164, "442079460123", true },
	{ "national", BRITAIN, E164, "02079460123", true },
	{ "a plus before what is none", BRITAIN, E164, "+02079460123", true },
	{ "a number of nowhere", NOWHERE, E164, "02079460123", true },
	{ "an extension", BRITAIN, E164, "1001", false },
	{ "a name", BRITAIN, E164, "alice", false },
	{ "an emergency", BRITAIN, E164, "999", false },
	{ "country code", BRITAIN, INT, "442079460123", false },
	{ "exit code", BRITAIN, INT, "00442079460123", false },
	{ "a plus", BRITAIN, INT, "+442079460123", true },
	{ "national", BRITAIN, INT, "02079460123", true },
	{ "national", BRITAIN, NAT, "02079460123", false },
	{ "a plus", BRITAIN, NAT, "+442079460123", true },
	{ "own country's code", BRITAIN, NAT, "00442079460123", true },
	{ "abroad there is no national number", BRITAIN, NAT, "0012015550123", false },
	{ "a plus abroad", BRITAIN, NAT, "+12015550123", true },
	{ "bare, where nothing is said", NOWHERE, NAT, "2079460123", false },
};

static void what_a_trunk_wants_otherwise(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(violations); i++) {
		const struct number_plan *plan = plans[violations[i].place];
		struct number number;
		number_read(plan, violations[i].rule, text_from(violations[i].user),
		            &number);
		if (number_violates(plan, violations[i].rule, &number) !=
		    violations[i].violates)
			fail_msg("%s: %s", violations[i].what, violations[i].user);
	}
}

static const struct {
	const char *what;
	enum place place;
	const char *a, *b;
	bool same;
} pairs[] = {
	{ "two global ones", NOWHERE, "+442079460123", "+44-20-7946-0123;ext=4", true },
	{ "of two countries", NOWHERE, "+442079460123", "+12079460123", false },
	{ "completed by the rules", BRITAIN, "02079460123", "442079460123", true },
	{ "trunk prefix, no rules", NOWHERE, "02079460123", "+442079460123", true },
	{ "a zero that belongs to it", NOWHERE, "0655512345", "+390655512345", true },
	{ "exit code, no rules", NOWHERE, "00442079460123", "+442079460123", true },
	{ "country code alone", NOWHERE, "442079460123", "+442079460123", true },
	{ "of the same town", NOWHERE, "79460123", "+442079460123", true },
	{ "in another town", NOWHERE, "0179460123", "+442079460123", false },
	{ "two local ones", NOWHERE, "02079460123", "79460123", true },
	{ "two exit codes", NOWHERE, "00442079460123", "02079460123", true },
	{ "the last digit", NOWHERE, "02079460123", "+442079460124", false },
	{ "six digits are no evidence", NOWHERE, "460123", "+442079460123", false },
	{ "extensions", NOWHERE, "1001", "1001", true },
	{ "other extensions", NOWHERE, "1001", "1002", false },
	{ "an extension ends like a number", NOWHERE, "0123", "+442079460123", false },
	{ "names", NOWHERE, "alice", "alice", false },
	{ "a name and a number", NOWHERE, "alice", "+442079460123", false },
	{ "a plus before what is none", NOWHERE, "+02079460123", "+442079460123", true },
};

static void one_number_in_two_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		const struct number_plan *plan = plans[pairs[i].place];
		struct number a, b;
		number_read(plan, ANY, text_from(pairs[i].a), &a);
		number_read(plan, ANY, text_from(pairs[i].b), &b);
		if (number_match(&a, &b) != pairs[i].same ||
		    number_match(&b, &a) != pairs[i].same)
			fail_msg("%s: %s and %s", pairs[i].what, pairs[i].a, pairs[i].b);
	}
}

static const struct {
	const char *user, *label;
	bool premium, emergency;
} labels[] = {
	{ "+442079460123", "United Kingdom", false, false },
	{ "02079460123", "United Kingdom", false, false },
	{ "07700900123", "mobile", false, false },
	{ "09098790123", "premium", true, false },
	{ "08717510123", "premium", true, false },
	{ "08001510123", "freephone", false, false },
	{ "+4487000000", "personal", true, false }, /* a longer label than "premium" has */
	{ "+12015550123", "North America", false, false },
	{ "+12425550123", "Bahamas", false, false },
	{ "+77172550123", "Kazakhstan", false, false },
	{ "+979123456789", "International Premium Rate", true, false },
	{ "999", "emergency", false, true },
	{ "112", "emergency", false, true },
	{ "112;phone-context=+44", "emergency", false, true },
	{ "+112", "emergency", false, true },
	{ "9990", NULL, false, false },
	{ "1001", NULL, false, false },
	{ "79460123", NULL, false, false },
	{ "alice", NULL, false, false },
};

static void where_a_number_leads(void **state)
{
	struct number_plan *plan = plans[BRITAIN];
	(void)state;
	plan->prefixes[0] = (struct number_prefix){ "447", "mobile" };
	plan->prefixes[1] = (struct number_prefix){ "44800", "freephone" };
	plan->prefixes[2] = (struct number_prefix){ "44870", "personal" };
	plan->prefix_count = 3;
	strcpy(plan->premium[0], "449");
	strcpy(plan->premium[1], "4487");
	plan->premium_count = 2;
	for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
		struct number number;
		number_read(plan, ANY, text_from(labels[i].user), &number);
		const char *label = number_label(plan, &number);
		if ((label == NULL) != (labels[i].label == NULL) ||
		    (label && strcmp(label, labels[i].label) != 0))
			fail_msg("%s: %s", labels[i].user, label ? label : "none");
		assert_int_equal(number_is_premium(plan, &number), labels[i].premium);
		assert_int_equal(number.emergency, labels[i].emergency);
	}
}

static const struct {
	const char *digits, *name;
} countries[] = {
	{ "1", "North America" },
	{ "12", "North America" },
	{ "12425550123", "Bahamas" },
	{ "20", "Egypt" },
	{ "210", NULL },
	{ "2", NULL },
	{ "999", NULL },
	{ "998", "Uzbekistan" },
	{ "358", "Finland" },
	{ "35", NULL },
	{ "39066982", "Italy" },
	{ "379", "Vatican" },
	{ "7495", "Russia" },
	{ "8835100", "International Networks" },
	{ "", NULL },
	{ "0", NULL },
};

static void codes_are_found_by_the_longest(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(countries); i++) {
		const struct country *country = country_of(text_from(countries[i].digits));
		if ((country == NULL) != (countries[i].name == NULL) ||
		    (country && strcmp(country->name, countries[i].name) != 0))
			fail_msg("%s: %s", countries[i].digits,
			         country ? country->name : "none");
	}
}

/* None is the beginning of another, but for areas of +1 and +7: E.164 6.1. */
static void a_code_is_not_the_beginning_of_another(void **state)
{
	size_t codes = 0;
	(void)state;
	for (unsigned int code = 1; code <= 999; code++) {
		char digits[8], shorter[8];
		snprintf(digits, sizeof digits, "%u", code);
		const struct country *country = country_of(text_from(digits));
		if (!country || strlen(country->code) != strlen(digits) ||
		    country->calling != strlen(digits))
			continue;
		codes++;
		for (size_t len = 1; len < strlen(digits); len++) {
			text_copy(shorter, sizeof shorter,
			          text_head(text_from(digits), len));
			assert_null(country_of(text_from(shorter)));
		}
	}
	assert_int_equal(codes, 216);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_completed_as_the_rules_allow),
		cmocka_unit_test(no_plan_is_an_empty_one),
		cmocka_unit_test(what_a_trunk_wants_otherwise),
		cmocka_unit_test(one_number_in_two_forms),
		cmocka_unit_test(where_a_number_leads),
		cmocka_unit_test(codes_are_found_by_the_longest),
		cmocka_unit_test(a_code_is_not_the_beginning_of_another),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
