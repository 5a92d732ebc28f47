/*
 * generate_sip.c - writes a capture of many short dialogs one after the other, and no RTP.
 *
 *   generate_sip --dialogs N -o OUT.pcap        ("-" is standard output)
 *
 * A dialog begins every millisecond and lasts two seconds, so that two thousand are up at
 * once: INVITE, 100, 180, 200, ACK, BYE and its 200.  A dialog follows from its number, so
 * nothing is kept of it, however many there are.  The same arguments give the same octets.
 */
#include <err.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>

#include "tests/bench/call.h"
#include "tests/bench/output.h"

enum { GAP_US = 1000, PHONES = 4000, GATEWAYS = 16 };

static const uint32_t offsets_us[STEPS] = {
	[INVITE] = 0,   [TRYING] = 5000, [RINGING] = 60300,  [ANSWER] = 500600,
	[ACK] = 505700, [BYE] = 2000900, [BYE_OK] = 2004100,
};

static struct call dialog_of(uint64_t number)
{
	const uint32_t phone = (uint32_t)(number % PHONES);
	const uint32_t gateway = (uint32_t)(number % GATEWAYS);
	struct call call = {
		.phone = { 0xc6120001U + (phone % 256 << 8) + phone / 256, 5060 },
		.gateway = { 0xc613000aU + (gateway << 8), 5060 },
		.token = scatter(number),
		.callee_hangs_up = number % 3 == 1,
	};
	for (size_t side = 0; side < ARRAY_LEN(call.streams); side++) {
		struct stream *s = &call.streams[side];
		s->codec = &codecs[number % ARRAY_LEN(codecs)];
		s->ssrc = (uint32_t)(call.token >> (side * 32));
		s->src = side ? call.gateway : call.phone;
		s->src.port = (uint16_t)(10000 + 2 * (number / PHONES % 20000));
	}
	return call;
}

static void write_message(FILE *out, uint64_t number, enum step step)
{
	static uint16_t ip_id;
	const struct call call = dialog_of(number);
	const uint64_t at_us = number * GAP_US + offsets_us[step];
	const bool to_caller = is_response(step) != is_backward(&call, step);
	uint8_t frame[FRAME_MAX];
	struct text text = { (char *)frame + HEADERS, 0, FRAME_MAX - HEADERS };
	sip_text(&text, &call, step);
	frame_wrap(frame, text.len, to_caller ? &call.gateway : &call.phone,
	           to_caller ? &call.phone : &call.gateway, ip_id++);
	write_frame(out, (uint64_t)START_S * US_PER_S + at_us, frame, text.len + HEADERS);
}

/* Every step of all dialogs is a sequence in order of time: these seven are merged. */
static void generate(FILE *out, uint64_t dialogs)
{
	uint64_t next[STEPS] = { 0 };
	write_capture_header(out);
	for (;;) {
		size_t first = STEPS;
		uint64_t first_us = UINT64_MAX;
		for (size_t step = 0; step < STEPS; step++) {
			const uint64_t at_us = next[step] * GAP_US + offsets_us[step];
			if (next[step] < dialogs && at_us < first_us) {
				first = step;
				first_us = at_us;
			}
		}
		if (first == STEPS)
			return;
		write_message(out, next[first]++, (enum step)first);
	}
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "dialogs", required_argument, NULL, 'd' },
		{ 0 },
	};
	const char *path = NULL;
	uint64_t dialogs = 0;
	for (int o; (o = getopt_long(argc, argv, "o:", options, NULL)) != -1;) {
		if (o == 'd')
			dialogs = strtoull(optarg, NULL, 10);
		else if (o == 'o')
			path = optarg;
		else
			return 2;
	}
	if (!path || !dialogs || optind != argc)
		errx(2, "usage: generate_sip --dialogs N -o FILE");
	FILE *out = strcmp(path, "-") == 0 ? stdout : fopen(path, "wb");
	if (!out)
		err(1, "%s", path);
	setvbuf(out, NULL, _IOFBF, 1 << 20);
	generate(out, dialogs);
	if (ferror(out) || fclose(out))
		err(1, "%s", path);
	return 0;
}
