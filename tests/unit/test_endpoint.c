#include "analyzer/base/endpoint.h"

#include <string.h>

#include "tests/unit/unit.h"

/* The IPv6 rows are the examples of RFC 5952 sections 4 and 5. */
static const struct {
	const char *what, *from, *printed; /* printed NULL: refused */
} addresses[] = {
	{ "dotted", "198.18.0.1", "198.18.0.1" },
	{ "any", "0.0.0.0", "0.0.0.0" },
	{ "leading zeros are cut", "2001:0db8::0001", "2001:db8::1" },
	{ "zeros are shortened as far as possible", "2001:db8:0:0:0:0:2:1",
	  "2001:db8::2:1" },
	{ "one zero field is not shortened", "2001:db8:0:1:1:1:1:1",
	  "2001:db8:0:1:1:1:1:1" },
	{ "the longest run", "2001:0:0:1:0:0:0:1", "2001:0:0:1::1" },
	{ "the first of two equal runs", "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
	{ "lower case", "2001:DB8::AaBb", "2001:db8::aabb" },
	{ "none", "::", "::" },
	{ "in brackets", "[2001:db8::9]", "2001:db8::9" },
	{ "IPv4 mapped is IPv4", "::ffff:192.0.2.10", "192.0.2.10" },
	{ "a name", "pbx.example.com", NULL },
	{ "nothing", "", NULL },
	{ "empty brackets", "[]", NULL },
	{ "three numbers", "1.2.3", NULL },
	{ "a number over 255", "999.1.1.1", NULL },
	{ "a letter behind", "192.0.2.1x", NULL },
	{ "a port behind", "192.0.2.1:5060", NULL },
	{ "a zone", "fe80::1%eth0", NULL },
	{ "two runs", "2001::1::2", NULL },
	{ "longer than any address", "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa",
	  NULL },
};

static void texts_to_addresses_and_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
		struct address address;
		char text[ADDRESS_TEXT_SIZE];
		const enum status status =
		        address_parse(text_from(addresses[i].from), &address);
		if (status != (addresses[i].printed ? OK : ERR_MALFORMED))
			fail_msg("%s: %s", addresses[i].what, status_name(status));
		if (status == OK &&
		    strcmp(address_format(&address, text), addresses[i].printed) != 0)
			fail_msg("%s: %s", addresses[i].what, text);
	}
	struct address address;
	assert_int_equal(address_parse(TEXT("1.2.3.4\0"), &address), ERR_MALFORMED);
}

static struct endpoint endpoint_of(const char *address, uint16_t port)
{
	struct endpoint e = { .port = port };
	assert_int_equal(address_parse(text_from(address), &e.address), OK);
	return e;
}

static void endpoints_are_printed_with_their_port(void **state)
{
	(void)state;
	char text[ENDPOINT_TEXT_SIZE];
	const struct endpoint v4 = endpoint_of("198.18.0.1", 4000);
	const struct endpoint v6 = endpoint_of("2001:db8::1", 4000);
	const struct endpoint longest =
	        endpoint_of("1111:2222:3333:4444:5555:6666:7777:8888", 65535);
	assert_string_equal(endpoint_format(&v4, text), "198.18.0.1:4000");
	assert_string_equal(endpoint_format(&v6, text), "[2001:db8::1]:4000");
	assert_string_equal(endpoint_format(&longest, text),
	                    "[1111:2222:3333:4444:5555:6666:7777:8888]:65535");
}

static void families_and_the_unspecified(void **state)
{
	(void)state;
	const struct endpoint v4 = endpoint_of("192.0.2.1", 1),
	                      any4 = endpoint_of("0.0.0.0", 1);
	const struct endpoint v6 = endpoint_of("2001:db8::1", 1),
	                      any6 = endpoint_of("::", 1);
	const uint8_t bytes[] = { 192, 0, 2, 1 };
	const struct address made = address_ipv4(bytes);
	assert_true(address_equal(&made, &v4.address));
	assert_true(address_is_ipv4(&v4.address));
	assert_false(address_is_ipv4(&v6.address));
	assert_true(address_is_unspecified(&any4.address));
	assert_true(address_is_unspecified(&any6.address));
	assert_false(address_is_unspecified(&v4.address));
	assert_false(address_is_unspecified(&v6.address));
}

static void order_is_by_address_then_port(void **state)
{
	(void)state;
	const struct endpoint rising[] = {
		endpoint_of("192.0.2.1", 5060),
		endpoint_of("192.0.2.1", 5061),
		endpoint_of("192.0.2.2", 1),
		endpoint_of("2001:db8::1", 0),
	};
	for (size_t i = 0; i < ARRAY_LEN(rising); i++)
		for (size_t k = 0; k < ARRAY_LEN(rising); k++) {
			const int order = endpoint_compare(&rising[i], &rising[k]);
			assert_int_equal((order > 0) - (order < 0), (i > k) - (i < k));
			assert_int_equal(endpoint_equal(&rising[i], &rising[k]), i == k);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_to_addresses_and_back),
		cmocka_unit_test(endpoints_are_printed_with_their_port),
		cmocka_unit_test(families_and_the_unspecified),
		cmocka_unit_test(order_is_by_address_then_port),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
