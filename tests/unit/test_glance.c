/* What a glance shows of a packet is what decoding it says. */
#include "analyzer/track/glance.h"
#include "tests/unit/unit.h"

#define BYTES(...)                                                                         \
	{                                                                                  \
		(const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }) \
	}
#define FIXED 0x12, 0x34, 0x01, 0x02, 0x03, 0x04, 0xca, 0xfe, 0xba, 0xbe

/* clang-format off */
static const struct {
	const char *what; struct span bytes; enum transport transport; enum packet_shows shows;
} cases[] = {
	{ "the fixed header alone",      BYTES(0x80, 0x60, FIXED), TRANSPORT_UDP, SHOWS_PLAIN_RTP },
	{ "and a payload",               BYTES(0x80, 0x08, FIXED, 1, 2, 3, 4, 5, 6, 7, 8), TRANSPORT_UDP,
	  SHOWS_PLAIN_RTP },
	{ "with its marker",             BYTES(0x80, 0xe0, FIXED, 1), TRANSPORT_UDP, SHOWS_PLAIN_RTP },
	{ "padding",                     BYTES(0xa0, 0x08, FIXED, 0, 0, 2), TRANSPORT_UDP, SHOWS_RTP },
	{ "padding longer than it is",   BYTES(0xa0, 0x08, FIXED, 0, 0, 9), TRANSPORT_UDP, SHOWS_RTP },
	{ "an extension",                BYTES(0x90, 0x08, FIXED, 0xbe, 0xde, 0, 0), TRANSPORT_UDP, SHOWS_RTP },
	{ "a CSRC that is not there",    BYTES(0x81, 0x08, FIXED), TRANSPORT_UDP, SHOWS_RTP },
	{ "the last type before RTCP's", BYTES(0x80, 191, FIXED), TRANSPORT_UDP, SHOWS_PLAIN_RTP },
	{ "RTCP's first type",           BYTES(0x80, 192, FIXED), TRANSPORT_UDP, SHOWS_NO_RTP },
	{ "RTCP's last type",            BYTES(0x80, 223, FIXED), TRANSPORT_UDP, SHOWS_NO_RTP },
	{ "the first type behind them",  BYTES(0x80, 224, FIXED), TRANSPORT_UDP, SHOWS_PLAIN_RTP },
	{ "a header cut short",          BYTES(0x80, 0x60, 0x12, 0x34, 1, 2, 3, 4, 5, 6, 7), TRANSPORT_UDP,
	  SHOWS_NO_RTP },
	{ "another version",             BYTES(0x40, 0x60, FIXED), TRANSPORT_UDP, SHOWS_NO_RTP },
	{ "text",                        BYTES('I', 'N', 'V', 'I', 'T', 'E', ' ', 's', 'i', 'p', ':', 'x'), TRANSPORT_UDP, SHOWS_NO_RTP },
	{ "nothing",                     { NULL, 0 }, TRANSPORT_UDP, SHOWS_NO_RTP },
	{ "the same bytes in TCP",       BYTES(0x80, 0x60, FIXED), TRANSPORT_TCP, SHOWS_NO_RTP },
	{ "in an ICMP error",            BYTES(0x80, 0x60, FIXED), TRANSPORT_ICMP, SHOWS_NO_RTP },
};
/* clang-format on */

static struct packet_glance glance_of(const struct packet *packet)
{
	static const struct hash_key secret = { 3, 5 };
	const struct glance_key key = glance_key_of(&secret);
	struct packet_glance glance;
	glance_at(&key, packet, &glance);
	return glance;
}

static void it_says_what_decoding_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct packet packet = { .payload = cases[i].bytes,
			                       .payload_len = (uint32_t)cases[i].bytes.len,
			                       .transport = cases[i].transport };
		const struct packet_glance glance = glance_of(&packet);
		struct rtp rtp = { 0 };
		if (glance.shows != cases[i].shows)
			fail_msg("%s: %d", cases[i].what, (int)glance.shows);
		if (glance.shows != SHOWS_PLAIN_RTP)
			continue;
		assert_int_equal(rtp_decode(packet.payload, packet.payload_len, &rtp), OK);
		assert_int_equal(glance.sequence, rtp.sequence);
		assert_int_equal(glance.timestamp, rtp.timestamp);
		assert_int_equal(glance.ssrc, rtp.ssrc);
		assert_int_equal(glance.type_octet & 0x7f, rtp.payload_type);
		assert_int_equal(glance.type_octet >> 7, rtp.marker);
		assert_int_equal(rtp.payload.len, packet.payload.len - RTP_HEADER_BYTES);
	}
}

static void a_flow_is_its_ends_its_ssrc_and_its_point(void **state)
{
	(void)state;
	const struct packet packet = {
		.payload = BYTES(0x80, 0x08, FIXED, 1, 2, 3),
		.transport = TRANSPORT_UDP,
		.src = { { { 1 } }, 4000 },
		.dst = { { { 2 } }, 5000 },
	};
	struct packet others[] = { packet, packet, packet, packet, packet, packet };
	others[0].src.address.bytes[15] = 1;
	others[1].dst.address.bytes[0] = 3;
	others[2].src.port++;
	others[3].dst.port++;
	others[4].point = 1;
	others[5].payload = (struct span)BYTES(0x80, 0x08, FIXED);
	const uint64_t hash = glance_of(&packet).hash;
	assert_int_not_equal(hash, 0);
	for (size_t i = 0; i < 5; i++)
		assert_int_not_equal(glance_of(&others[i]).hash, hash);
	assert_int_equal(glance_of(&others[5]).hash, hash);
}

static void samples_are_chosen_by_number_or_payload(void **state)
{
	(void)state;
	uint8_t bytes[RTP_HEADER_BYTES + 16] = { 0x80 };
	for (uint8_t i = 0; i < 16; i++)
		bytes[RTP_HEADER_BYTES + i] = i;
	struct packet packet = { .payload = { bytes, sizeof bytes },
		                 .transport = TRANSPORT_UDP };
	unsigned int by_number = 0, by_payload = 0, of_young = 0;
	for (unsigned int i = 0; i < 4096; i++) {
		bytes[2] = (uint8_t)(i >> 8);
		bytes[3] = (uint8_t)i;
		by_number += glance_of(&packet).sample == SAMPLE_BY_NUMBER;
	}
	assert_int_equal(by_number, 4096 / SAMPLE_EVERY);
	bytes[3] = 1;
	for (unsigned int i = 0; i < 4096; i++) {
		bytes[12] = (uint8_t)(i >> 8);
		bytes[13] = (uint8_t)i;
		const enum packet_sample kind = glance_of(&packet).sample;
		by_payload += kind == SAMPLE_BY_PAYLOAD;
		of_young += kind == SAMPLE_OF_YOUNG;
	}
	/* One in 64, and another: of 4,096 within six standard deviations. */
	assert_in_range(by_payload, 64 - 6 * 8, 64 + 6 * 8);
	assert_in_range(of_young, 64 - 6 * 8, 64 + 6 * 8);
}

/* Who knows the payload alone chooses as the glance does. */
static void a_sample_is_the_same_without_a_glance(void **state)
{
	(void)state;
	static const struct hash_key secret = { 3, 5 };
	const struct glance_key key = glance_key_of(&secret);
	uint8_t bytes[RTP_HEADER_BYTES + 16] = { 0x80 };
	const struct packet packet = { .payload = { bytes, sizeof bytes },
		                       .transport = TRANSPORT_UDP };
	uint64_t seed = 9;
	for (unsigned int i = 0; i < 4096; i++) {
		for (size_t n = 2; n < sizeof bytes; n++)
			bytes[n] = (uint8_t)disorder_below(&seed, 256);
		const struct packet_glance glance = glance_of(&packet);
		const struct glance_sample sample =
		        glance_sample(&key, (struct span){ bytes + RTP_HEADER_BYTES, 16 },
		                      glance.ssrc, glance.timestamp, glance.sequence);
		assert_int_equal(sample.kind, glance.sample);
		assert_int_equal(sample.digest, glance.sample_digest);
	}
	/* Silence is none, whatever its first octets. */
	for (unsigned int i = 0; i < 4096; i++) {
		const uint8_t level = (uint8_t)disorder_below(&seed, 256);
		memset(bytes + RTP_HEADER_BYTES, level, 16);
		bytes[3] = 1;
		assert_int_equal(glance_of(&packet).sample, SAMPLE_NONE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_says_what_decoding_says),
		cmocka_unit_test(a_flow_is_its_ends_its_ssrc_and_its_point),
		cmocka_unit_test(samples_are_chosen_by_number_or_payload),
		cmocka_unit_test(a_sample_is_the_same_without_a_glance),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
