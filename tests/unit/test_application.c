/* Flows of other applications: told apart, counted, bounded. */
#include "probe/application.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/*
 * A STUN binding request (RFC 5389 section 6) with one attribute after the transaction.
 * 0x8070 is MS-IMPLEMENTATION-VERSION of [MS-ICE2] section 2.2.2.1, which Teams sends.
 */
#define STUN_HEAD(length)                                                                  \
	"\x00\x01\x00" length "\x21\x12\xa4\x42"                                           \
	"abcdefghijkl"
#define STUN_TEAMS STUN_HEAD("\x08") "\x80\x70\x00\x04\x00\x00\x00\x02"
#define STUN_BARE STUN_HEAD("\x08") "\x80\x22\x00\x04test"
/* A DNS question for example.com (RFC 1035 section 4). */
#define DNS                                                                                \
	"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07"                             \
	"example\x03"                                                                      \
	"com\x00\x00\x01\x00\x01"
#define BYTES(literal)                                                                     \
	{                                                                                  \
		(const uint8_t *)(literal), sizeof(literal) - 1                            \
	}

static struct packet packet_of(struct span payload, const char *address, uint16_t port)
{
	struct packet packet = { .transport = TRANSPORT_UDP, .payload = payload };
	packet.payload_len = (uint32_t)payload.len;
	packet.ip_len = (uint32_t)payload.len + 28;
	assert_int_equal(address_parse(text_from(address), &packet.src.address), OK);
	packet.src.port = 50000;
	packet.dst = packet.src;
	packet.dst.port = port;
	return packet;
}

static struct applications *made(bool at_once)
{
	struct applications *out = NULL;
	assert_int_equal(applications_new(at_once, &out), OK);
	return out;
}

static const struct {
	const char *what;
	struct span payload;
	const char *address;
	uint16_t port;
	int application; /* -1 = none */
} cases[] = {
	{ "a Teams call", BYTES(STUN_TEAMS), "192.0.2.1", 3478, APPLICATION_TEAMS },
	{ "the same by IPv6", BYTES(STUN_TEAMS), "2001:db8::1", 3478, APPLICATION_TEAMS },
	{ "STUN that says nothing", BYTES(STUN_BARE), "192.0.2.1", 3478, -1 },
	{ "a name is looked up", BYTES(DNS), "192.0.2.1", 53, -1 },
	{ "what nobody knows", BYTES("qwertyuiop"), "192.0.2.1", 4321, -1 },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct applications *a = made(i % 2);
		const struct packet there =
		        packet_of(cases[i].payload, cases[i].address, cases[i].port);
		struct packet back = there;
		back.src = there.dst;
		back.dst = there.src;
		const size_t each = 2 * (size_t)APPLICATION_DATAGRAMS;
		for (size_t n = 0; n < each; n++)
			applications_note(a, n % 2 ? &back : &there);
		const struct application_counts *counts = applications_counts(a);
		for (int app = 0; app < APPLICATION_COUNT; app++) {
			const bool is = app == cases[i].application;
			const struct application_count *count = &counts->of[app];
			if (count->flows != is || count->packets != (is ? each : 0) ||
			    count->octets != (is ? each * there.ip_len : 0))
				fail_msg("%s: %s", cases[i].what, application_names[app]);
		}
		assert_int_equal(counts->evicted, 0);
		assert_int_equal(counts->not_asked, 0);
		applications_free(a);
	}
}

/* Not one flow more than there is room for is remembered, nor asked about. */
static void test_bounds(void **state)
{
	(void)state;
	struct applications *a = made(true);
	const struct span payload = BYTES(STUN_BARE);
	struct packet packet = packet_of(payload, "192.0.2.1", 3478);
	const size_t flows = 3 * (size_t)APPLICATION_FLOWS;
	for (size_t i = 0; i < flows; i++) {
		packet.at = (nstime)i;
		packet.src.port = (uint16_t)i;
		packet.src.address.bytes[13] = (uint8_t)(i >> 16);
		applications_note(a, &packet);
	}
	const struct application_counts *counts = applications_counts(a);
	assert_true(counts->evicted >= flows - APPLICATION_FLOWS);
	assert_true(counts->evicted < flows);
	assert_true(counts->not_asked > 0);
	assert_true(counts->not_asked <= flows - APPLICATION_UNDECIDED);
	applications_free(a);
}

/* What is no datagram, or empty, is none of its business. */
static void test_others(void **state)
{
	(void)state;
	struct applications *a = made(false);
	const struct span payload = BYTES(STUN_TEAMS);
	struct packet packet = packet_of(payload, "192.0.2.1", 3478);
	packet.transport = TRANSPORT_TCP;
	applications_note(a, &packet);
	packet.transport = TRANSPORT_UDP;
	packet.payload.len = 0;
	applications_note(a, &packet);
	assert_int_equal(applications_counts(a)->of[APPLICATION_TEAMS].flows, 0);
	applications_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_others),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
