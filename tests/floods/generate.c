/*
 * generate.c - writes a capture of a flood with good calls inside.
 *
 *   generate --flood KIND --count N --calls N --seconds S -o OUT.pcap
 *   generate --list
 *
 * The flood's N events are spread evenly over S seconds.  The good calls begin one after
 * the other, so that the last ends with the flood: INVITE with an offer, 100, 180, 200 with
 * the answer, ACK, GOOD_PACKETS of RTP each way, BYE and its 200.  Every second rings for
 * as long as it talks; some signal by TCP, some in IP fragments.  The Call-IDs of good
 * calls end in "@good"; each has a phone of its own, and all have one PBX, which the flood
 * may speak to as well.  Prints the number of frames.  The same arguments give the same
 * octets.
 */
#include <err.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>

#include "tests/floods/kinds.h"

static const struct {
	const char *name;
	void (*send)(struct generator *g, uint64_t n, uint64_t at_us);
} floods[] = {
	{ "invites", flood_invites },
	{ "invites_spread", flood_invites_spread },
	{ "ringing", flood_ringing },
	{ "answered", flood_answered },
	{ "acknowledged", flood_acknowledged },
	{ "long_texts", flood_long_texts },
	{ "one_call_id", flood_one_call_id },
	{ "refused", flood_refused },
	{ "forks", flood_forks },
	{ "ports", flood_ports },
	{ "offers", flood_offers },
	{ "registers", flood_registers },
	{ "bindings", flood_bindings },
	{ "subscribes", flood_subscribes },
	{ "options", flood_options },
	{ "numbers", flood_numbers },
	{ "ssrcs", flood_ssrcs },
	{ "ssrcs_in_calls", flood_ssrcs_in_calls },
	{ "ssrcs_spread", flood_ssrcs_spread },
	{ "streams", flood_streams },
	{ "streams_in_calls", flood_streams_in_calls },
	{ "streams_one_flow", flood_streams_one_flow },
	{ "rtcp", flood_rtcp },
	{ "fragments", flood_fragments },
	{ "fragments_spread", flood_fragments_spread },
	{ "half_open", flood_half_open },
	{ "half_messages", flood_half_messages },
	{ "tcp_gaps", flood_tcp_gaps },
	{ "unknown", flood_unknown },
	{ "tls", flood_tls },
};

/* --- everything ----------------------------------------------------------------------- */

static void generate(struct generator *g, size_t flood)
{
	write_capture_header(g->out);
	for (size_t i = 0; i < sizeof g->noise; i++)
		g->noise[i] = (uint8_t)scatter(i);
	for (uint32_t i = 0; i < g->call_count; i++)
		init_call(g, i);
	for (uint64_t n = 0; n < g->count || g->heap.used;) {
		const uint64_t at_us =
		        n < g->count ? g->events_us * n / g->count : UINT64_MAX;
		if (g->heap.used && g->heap.events[0].at_us <= at_us) {
			const struct event event = event_pop(&g->heap);
			if (event.kind != 1)
				write_signal(g, &event);
			else
				write_media(g, &event);
		} else {
			floods[flood].send(g, n++, at_us);
		}
	}
}

static size_t flood_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(floods); i++)
		if (strcmp(floods[i].name, name) == 0)
			return i;
	errx(2, "no flood is called %s", name);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "flood", required_argument, NULL, 'f' },
		{ "count", required_argument, NULL, 'n' },
		{ "calls", required_argument, NULL, 'c' },
		{ "seconds", required_argument, NULL, 's' },
		{ "list", no_argument, NULL, 'l' },
		{ 0 },
	};
	struct generator g = { .call_count = 50, .events_us = 60ULL * US_PER_S };
	const char *path = NULL, *flood = NULL;
	for (int o; (o = getopt_long(argc, argv, "o:", options, NULL)) != -1;) {
		switch (o) {
		case 'f':
			flood = optarg;
			break;
		case 'n':
			g.count = number(optarg, 0, UINT32_MAX);
			break;
		case 'c':
			g.call_count = (uint32_t)number(optarg, 1, 250);
			break;
		case 's':
			g.events_us = number(optarg, 1, 86400) * US_PER_S;
			break;
		case 'o':
			path = optarg;
			break;
		case 'l':
			for (size_t i = 0; i < ARRAY_LEN(floods); i++)
				puts(floods[i].name);
			return 0;
		default:
			return 2;
		}
	}
	if (!path || !flood || optind != argc)
		errx(2,
		     "usage: generate --flood KIND --count N [--calls N] [--seconds S] -o FILE");
	const size_t kind = flood_of(flood);
	g.out = create(path);
	g.calls = calloc(g.call_count, sizeof *g.calls);
	if (!g.calls)
		err(1, "calls");
	generate(&g, kind);
	finish(g.out, path);
	printf("%" PRIu64 "\n", g.frames);
	free(g.calls);
	free(g.heap.events);
	return 0;
}
