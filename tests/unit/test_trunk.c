/* test_trunk.c - whose an address is. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "analyzer/model/trunk.h"

static struct address address_of(const char *string)
{
	struct address address = { { 0 } };
	assert_int_equal(address_parse(text_from(string), &address), OK);
	return address;
}

static const struct {
	const char *text;
	enum status status;
	const char *base;
	uint8_t bits;
	uint16_t first, last;
} nets[] = {
	{ "198.51.100.9", OK, "198.51.100.9", 128, 0, 65535 },
	{ "198.51.100.0/24", OK, "198.51.100.0", 120, 0, 65535 },
	{ "0.0.0.0/0", OK, "0.0.0.0", 96, 0, 65535 },
	{ "198.51.100.9:5080", OK, "198.51.100.9", 128, 5080, 5080 },
	{ "198.51.100.9:10000-19999", OK, "198.51.100.9", 128, 10000, 19999 },
	{ "2001:db8::/32", OK, "2001:db8::", 32, 0, 65535 },
	{ "2001:db8::9", OK, "2001:db8::9", 128, 0, 65535 },
	{ "[2001:db8::9]", OK, "2001:db8::9", 128, 0, 65535 },
	{ "[2001:db8::9]:5060", OK, "2001:db8::9", 128, 5060, 5060 },
	{ "::/0", OK, "::", 0, 0, 65535 },
	{ "198.51.100.1/24", ERR_UNSUPPORTED, NULL, 0, 0, 0 },
	{ "2001:db8::1/127", ERR_UNSUPPORTED, NULL, 0, 0, 0 },
	{ "198.51.100.0/33", ERR_MALFORMED, NULL, 0, 0, 0 },
	{ "198.51.100.0/", ERR_MALFORMED, NULL, 0, 0, 0 },
	{ "198.51.100.9:", ERR_MALFORMED, NULL, 0, 0, 0 },
	{ "198.51.100.9:0", ERR_MALFORMED, NULL, 0, 0, 0 },
	{ "198.51.100.9:65536", ERR_MALFORMED, NULL, 0, 0, 0 },
	{ "198.51.100.9:20-10", ERR_MALFORMED, NULL, 0, 0, 0 },
	{ "[2001:db8::9", ERR_MALFORMED, NULL, 0, 0, 0 },
	{ "[2001:db8::9]5060", ERR_MALFORMED, NULL, 0, 0, 0 },
	{ "pbx.example", ERR_MALFORMED, NULL, 0, 0, 0 },
	{ "", ERR_MALFORMED, NULL, 0, 0, 0 },
};

static void addresses_are_read_with_prefix_and_ports(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(nets); i++) {
		struct trunk_net net = { .bits = 0 };
		print_message("%s\n", nets[i].text);
		assert_int_equal(trunk_net_parse(text_from(nets[i].text), &net),
		                 nets[i].status);
		if (nets[i].status != OK)
			continue;
		const struct address base = address_of(nets[i].base);
		assert_true(address_equal(&net.base, &base));
		assert_int_equal(net.bits, nets[i].bits);
		assert_int_equal(net.port_first, nets[i].first);
		assert_int_equal(net.port_last, nets[i].last);
	}
}

static void add(struct trunks *trunks, const char *name)
{
	struct trunk trunk = trunk_default();
	text_copy(trunk.name, sizeof trunk.name, text_from(name));
	assert_int_equal(trunks_add(trunks, &trunk), OK);
}

static void add_net(struct trunks *trunks, enum trunk_use use, const char *text)
{
	struct trunk_net net;
	assert_int_equal(trunk_net_parse(text_from(text), &net), OK);
	assert_int_equal(trunks_add_net(trunks, use, &net), OK);
}

static struct trunks *some_trunks(void)
{
	struct trunks *trunks;
	struct trunk_conflict conflict;
	assert_int_equal(trunks_new(&trunks), OK);
	add(trunks, "everybody");
	add_net(trunks, TRUNK_SIGNALLING, "198.51.0.0/16");
	add(trunks, "carrier");
	add_net(trunks, TRUNK_SIGNALLING, "198.51.100.0/24");
	add_net(trunks, TRUNK_MEDIA, "203.0.113.0/25");
	add(trunks, "gateway");
	add_net(trunks, TRUNK_SIGNALLING, "198.51.100.9");
	add_net(trunks, TRUNK_MEDIA, "203.0.113.9:10000-19999");
	add(trunks, "gateway-2");
	add_net(trunks, TRUNK_SIGNALLING, "198.51.100.9:5080");
	add_net(trunks, TRUNK_MEDIA, "203.0.113.9:20000-29999");
	add(trunks, "six");
	add_net(trunks, TRUNK_SIGNALLING, "2001:db8::/32");
	add(trunks, "relay");
	add_net(trunks, TRUNK_MEDIA, "198.51.100.0/24");
	assert_int_equal(trunks_seal(trunks, &conflict), OK);
	return trunks;
}

static const struct {
	const char *what, *address;
	uint16_t port;
	const char *signalling, *media; /* NULL: nobody's */
} asked[] = {
	{ "the widest prefix", "198.51.7.1", 5060, "everybody", "everybody" },
	{ "a longer one; its media are another's", "198.51.100.8", 5060, "carrier",
	  "relay" },
	{ "an address alone", "198.51.100.9", 5060, "gateway", "gateway" },
	{ "its port, of signalling only", "198.51.100.9", 5080, "gateway-2", "gateway" },
	{ "media are no signalling", "203.0.113.1", 4000, NULL, "carrier" },
	{ "first ports of an address", "203.0.113.9", 10000, NULL, "gateway" },
	{ "last of them", "203.0.113.9", 19999, NULL, "gateway" },
	{ "other ports of the same", "203.0.113.9", 29999, NULL, "gateway-2" },
	{ "between them, the wider prefix", "203.0.113.9", 9999, NULL, "carrier" },
	{ "just outside a prefix", "203.0.113.128", 4000, NULL, NULL },
	{ "IPv6", "2001:db8:ffff::1", 5060, "six", "six" },
	{ "IPv6 of nobody", "2001:db9::1", 5060, NULL, NULL },
	{ "no address", "::", 0, NULL, NULL },
};

static void expect(const struct trunk *trunk, const char *name)
{
	if (name) {
		assert_non_null(trunk);
		assert_string_equal(trunk->name, name);
	} else {
		assert_null(trunk);
	}
}

static void the_longest_prefix_decides(void **state)
{
	(void)state;
	struct trunks *trunks = some_trunks();
	for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
		const struct address address = address_of(asked[i].address);
		print_message("%s\n", asked[i].what);
		expect(trunk_find(trunks, &address, asked[i].port), asked[i].signalling);
		expect(trunk_find_media(trunks, &address, asked[i].port), asked[i].media);
	}
	assert_int_equal(trunks_count(trunks), 6);
	expect(trunks_by_name(trunks, TEXT("six")), "six");
	assert_null(trunks_by_name(trunks, TEXT("seven")));
	trunks_free(trunks);
}

/* A linear search over the same nets is the truth. */
static void many_prefixes_are_found_as_by_looking_at_each(void **state)
{
	(void)state;
	enum { COUNT = 500, ASKED = 20000 };
	static struct trunk_net list[COUNT];
	uint64_t seed = 4711;
	struct trunks *trunks;
	struct trunk_conflict conflict;
	size_t used = 0;
	assert_int_equal(trunks_new(&trunks), OK);
	for (size_t i = 0; i < COUNT; i++) {
		const unsigned int bits = 8 + disorder_below(&seed, 25);
		const uint32_t ip = 0x0a000000 | disorder_below(&seed, 1 << 24);
		const uint32_t base = ip & (uint32_t)(UINT64_C(0xffffffff) << (32 - bits));
		const uint8_t bytes[4] = { (uint8_t)(base >> 24), (uint8_t)(base >> 16),
			                   (uint8_t)(base >> 8), (uint8_t)base };
		const struct trunk_net net = { address_ipv4(bytes), (uint8_t)(96 + bits), 0,
			                       65535 };
		bool there = false;
		for (size_t k = 0; k < used; k++)
			there = there || (list[k].bits == net.bits &&
			                  address_equal(&list[k].base, &net.base));
		if (there)
			continue;
		char name[TRUNK_NAME];
		snprintf(name, sizeof name, "%zu", used);
		add(trunks, name);
		assert_int_equal(trunks_add_net(trunks, TRUNK_SIGNALLING, &net), OK);
		list[used++] = net;
	}
	assert_int_equal(trunks_seal(trunks, &conflict), OK);
	for (size_t i = 0; i < ASKED; i++) {
		const uint32_t ip = 0x0a000000 | disorder_below(&seed, 1 << 24);
		const uint8_t bytes[4] = { (uint8_t)(ip >> 24), (uint8_t)(ip >> 16),
			                   (uint8_t)(ip >> 8), (uint8_t)ip };
		const struct address address = address_ipv4(bytes);
		size_t best = COUNT;
		for (size_t k = 0; k < used; k++) {
			const unsigned int bits = list[k].bits - 96u;
			uint32_t base = 0;
			for (size_t b = 12; b < 16; b++)
				base = base << 8 | list[k].base.bytes[b];
			if ((ip ^ base) >> (32 - bits) == 0 &&
			    (best == COUNT || list[k].bits > list[best].bits))
				best = k;
		}
		const struct trunk *trunk = trunk_find(trunks, &address, 5060);
		if (best == COUNT)
			assert_null(trunk);
		else
			assert_ptr_equal(trunk, trunks_at(trunks, best));
	}
	trunks_free(trunks);
}

static void two_cannot_have_the_same_addresses(void **state)
{
	(void)state;
	struct trunks *trunks;
	struct trunk_conflict conflict = { 9, 9, { .bits = 0 } };
	assert_int_equal(trunks_new(&trunks), OK);
	add(trunks, "a");
	add_net(trunks, TRUNK_SIGNALLING, "198.51.100.0/24");
	add(trunks, "b");
	add_net(trunks, TRUNK_SIGNALLING, "198.51.0.0/16");
	add(trunks, "c");
	add_net(trunks, TRUNK_SIGNALLING, "198.51.0.0/16");
	assert_int_equal(trunks_seal(trunks, &conflict), ERR_MALFORMED);
	assert_int_equal(conflict.first, 1);
	assert_int_equal(conflict.second, 2);
	assert_int_equal(conflict.net.bits, 112);
	trunks_free(trunks);
}

static void there_is_an_end_to_them(void **state)
{
	(void)state;
	struct trunks *trunks;
	const struct trunk trunk = trunk_default();
	assert_int_equal(trunks_new(&trunks), OK);
	for (size_t i = 0; i < LIMIT_TRUNKS; i++)
		assert_int_equal(trunks_add(trunks, &trunk), OK);
	assert_int_equal(trunks_add(trunks, &trunk), ERR_FULL);
	trunks_free(trunks);
}

static void without_a_configuration_nobody_is_known(void **state)
{
	(void)state;
	const struct address address = address_of("198.51.100.1");
	assert_null(trunk_find(NULL, &address, 5060));
	assert_null(trunk_find_media(NULL, &address, 4000));
	assert_int_equal(trunks_count(NULL), 0);
	trunks_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read_with_prefix_and_ports),
		cmocka_unit_test(the_longest_prefix_decides),
		cmocka_unit_test(many_prefixes_are_found_as_by_looking_at_each),
		cmocka_unit_test(two_cannot_have_the_same_addresses),
		cmocka_unit_test(there_is_an_end_to_them),
		cmocka_unit_test(without_a_configuration_nobody_is_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
