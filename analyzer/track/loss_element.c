#include "analyzer/track/loss_element.h"

#include <string.h>

const enum loss_element_kind loss_element_kinds[LOSS_ELEMENTS_OF_PATH] = {
	LOSS_PATH, LOSS_PAIR,      LOSS_HOST_OUT, LOSS_HOST_IN, LOSS_HOST, LOSS_HOST,
	LOSS_LINK, LOSS_LINK_BOTH, LOSS_SITE_OUT, LOSS_SITE_IN, LOSS_SITE, LOSS_SITE,
};

static uint64_t name_of(enum loss_element_kind kind, uint64_t from, uint64_t to)
{
	return loss_mix(loss_mix(from, kind), to);
}

static uint64_t name_both(enum loss_element_kind kind, const uint64_t ends[2])
{
	return ends[0] < ends[1] ? name_of(kind, ends[0], ends[1])
	                         : name_of(kind, ends[1], ends[0]);
}

void loss_element_names(const struct loss_ends *ends, uint64_t names[LOSS_ELEMENTS_OF_PATH])
{
	const uint64_t *host = ends->host;
	const uint64_t *site = ends->site;
	const uint64_t all[LOSS_ELEMENTS_OF_PATH] = {
		name_of(LOSS_PATH, host[0], host[1]),
		name_both(LOSS_PAIR, host),
		name_of(LOSS_HOST_OUT, host[0], 0),
		name_of(LOSS_HOST_IN, host[1], 0),
		name_of(LOSS_HOST, host[0], 0),
		host[0] == host[1] ? 0 : name_of(LOSS_HOST, host[1], 0),
		name_of(LOSS_LINK, site[0], site[1]),
		name_both(LOSS_LINK_BOTH, site),
		name_of(LOSS_SITE_OUT, site[0], 0),
		name_of(LOSS_SITE_IN, site[1], 0),
		name_of(LOSS_SITE, site[0], 0),
		site[0] == site[1] ? 0 : name_of(LOSS_SITE, site[1], 0),
	};
	memcpy(names, all, sizeof all);
}
