#include "analyzer/track/trunk_ends.h"

#include <assert.h>
#include <string.h>

#include "analyzer/model/trunk.h"

static_assert((int)TRUNK_NAME == (int)RECORD_TRUNK, "a trunk's name fits into a record");

static void put_name(char to[RECORD_TRUNK], const struct trunk *trunk)
{
	if (trunk)
		memcpy(to, trunk->name, RECORD_TRUNK);
	else
		to[0] = '\0';
}

void trunk_ends_of_leg(const struct settings *settings, struct leg_record *leg)
{
	const struct trunks *trunks = settings->trunks;
	put_name(leg->trunk_src, trunk_find(trunks, &leg->src.address, leg->src.port));
	put_name(leg->trunk_dst, trunk_find(trunks, &leg->dst.address, leg->dst.port));
}

void trunk_ends_of_stream(const struct settings *settings, struct stream_record *stream)
{
	const struct trunks *trunks = settings->trunks;
	const struct endpoint *src = &stream->src;
	const struct endpoint *dst = &stream->dst;
	put_name(stream->trunk_src, trunk_find_media(trunks, &src->address, src->port));
	put_name(stream->trunk_dst, trunk_find_media(trunks, &dst->address, dst->port));
}
