#include "analyzer/track/trunk_load.h"

#include <stdlib.h>

static_assert(LIMIT_TRUNKS < UINT16_MAX, "a trunk's number + 1 fits into a leg");

enum status trunk_load_init(struct trunk_load *load, const struct trunks *trunks)
{
	const size_t count = trunks_count(trunks);
	*load = (struct trunk_load){ .trunks = trunks };
	if (count == 0)
		return OK;
	load->taken = calloc(count, sizeof *load->taken);
	return load->taken ? OK : ERR_NOMEM;
}

void trunk_load_free(struct trunk_load *load)
{
	free(load->taken);
	load->taken = NULL;
}

/* Number + 1; 0: of none. */
static uint16_t trunk_of(const struct trunk_load *load, const struct endpoint *at)
{
	const struct trunk *trunk = trunk_find(load->trunks, &at->address, at->port);
	return trunk ? (uint16_t)(trunk - trunks_at(load->trunks, 0) + 1) : 0;
}

static void take_channels(struct trunk_load *load, struct leg *leg)
{
	leg->trunks[0] = trunk_of(load, &leg->src);
	leg->trunks[1] = trunk_of(load, &leg->dst);
	for (size_t i = 0; i < ARRAY_LEN(leg->trunks); i++)
		if (leg->trunks[i])
			load->taken[leg->trunks[i] - 1]++;
	leg->channels_taken = true;
}

static void give_channels(struct trunk_load *load, struct leg *leg)
{
	for (size_t i = 0; i < ARRAY_LEN(leg->trunks); i++)
		if (leg->trunks[i])
			load->taken[leg->trunks[i] - 1]--;
	leg->channels_taken = false;
	if (leg->trunks[1] == 0 || leg->status < 300)
		return;
	leg->trace.trunk = trunks_at(load->trunks, leg->trunks[1] - 1u);
	leg->trace.channels_taken = load->taken[leg->trunks[1] - 1];
}

void trunk_load_note(struct trunk_load *load, struct leg *leg, bool over)
{
	if (!load->taken)
		return;
	if (!leg->channels_taken && !over)
		take_channels(load, leg);
	else if (leg->channels_taken && over)
		give_channels(load, leg);
}
