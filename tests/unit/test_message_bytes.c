/* Messages as they are kept, and back. */
#include "schema/message_bytes.h"

#include <stdlib.h>
#include <string.h>

#include "schema/store.h"
#include "tests/unit/unit.h"

/* RFC 3665 section 3.1, F1, with our names. */
static const char invite[] =
        "INVITE sip:bob@biloxi.example.com SIP/2.0\r\n"
        "Via: SIP/2.0/TCP client.atlanta.example.com:5060;branch=z9hG4bK74b43\r\n"
        "Max-Forwards: 70\r\nRoute: <sip:ss1.atlanta.example.com;lr>\r\n"
        "From: Alice <sip:alice@atlanta.example.com>;tag=9fxced76sl\r\n"
        "To: Bob <sip:bob@biloxi.example.com>\r\n"
        "Call-ID: 3848276298220188511@atlanta.example.com\r\nCSeq: 1 INVITE\r\n"
        "Contact: <sip:alice@client.atlanta.example.com;transport=tcp>\r\n"
        "Content-Type: application/sdp\r\nContent-Length: 151\r\n\r\n"
        "v=0\r\no=alice 2890844526 2890844526 IN IP4 client.atlanta.example.com\r\ns=-\r\n"
        "c=IN IP4 192.0.2.101\r\nt=0 0\r\nm=audio 49172 RTP/AVP 0\r\n"
        "a=rtpmap:0 PCMU/8000\r\n";

struct both {
	struct message_packer *packer;
	struct message_unpacker *unpacker;
};

static int make(void **state)
{
	static struct both both;
	*state = &both;
	return message_packer_new(&both.packer) != OK ||
	       message_unpacker_new(&both.unpacker) != OK;
}

static int forget(void **state)
{
	struct both *both = *state;
	message_packer_free(both->packer);
	message_unpacker_free(both->unpacker);
	return 0;
}

static void comes_back(struct both *both, const uint8_t *bytes, size_t len)
{
	const struct span packed = message_pack(both->packer, (struct span){ bytes, len });
	const struct span back = message_unpack(both->unpacker, packed);
	assert_true(packed.len <= len);
	assert_int_equal(back.len, len);
	if (len)
		assert_memory_equal(back.at, bytes, len);
}

static void any_length_comes_back(void **state)
{
	static uint8_t noise[STORE_RAW_MAX];
	uint64_t seed = 7;
	for (size_t i = 0; i < sizeof noise; i++)
		noise[i] = (uint8_t)(disorder(&seed) >> 8);
	noise[0] = 'S'; /* no message begins like a frame */
	for (size_t len = 0; len < sizeof invite; len++)
		comes_back(*state, (const uint8_t *)invite, len);
	for (size_t len = 1; len <= sizeof noise; len *= 2)
		comes_back(*state, noise, len);
}

static void a_usual_one_takes_half(void **state)
{
	struct both *both = *state;
	const struct span packed = message_pack(
	        both->packer, (struct span){ (const uint8_t *)invite, sizeof invite - 1 });
	assert_true(packed.len < sizeof invite / 2);
}

static void a_broken_one_is_empty(void **state)
{
	struct both *both = *state;
	uint8_t copy[sizeof invite];
	const struct span packed = message_pack(
	        both->packer, (struct span){ (const uint8_t *)invite, sizeof invite - 1 });
	memcpy(copy, packed.at, packed.len);
	for (size_t len = 4; len < packed.len; len++)
		assert_int_equal(
		        message_unpack(both->unpacker, (struct span){ copy, len }).len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(any_length_comes_back, make, forget),
		cmocka_unit_test_setup_teardown(a_usual_one_takes_half, make, forget),
		cmocka_unit_test_setup_teardown(a_broken_one_is_empty, make, forget),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
