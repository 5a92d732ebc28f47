#include "analyzer/track/trunk_ends.h"

#include <assert.h>
#include <string.h>

#include "analyzer/model/trunk.h"
#include "analyzer/track/leg_numbers.h"
#include "analyzer/track/trunk_rules.h"

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
	const struct trunk *const ends[LEG_ENDS] = {
		trunk_find(trunks, &leg->src.address, leg->src.port),
		trunk_find(trunks, &leg->dst.address, leg->dst.port),
	};
	put_name(leg->trunk_src, ends[0]);
	put_name(leg->trunk_dst, ends[1]);
	leg_numbers(settings, ends, leg);
	leg->trunk_violations =
	        trunk_rules_leg(ends[0], leg) | trunk_rules_leg(ends[1], leg);
}

void trunk_ends_of_stream(const struct settings *settings, struct stream_record *stream)
{
	const struct trunks *trunks = settings->trunks;
	const struct endpoint *src = &stream->src;
	const struct endpoint *dst = &stream->dst;
	const struct trunk *from = trunk_find_media(trunks, &src->address, src->port);
	const struct trunk *to = trunk_find_media(trunks, &dst->address, dst->port);
	put_name(stream->trunk_src, from);
	put_name(stream->trunk_dst, to);
	stream->trunk_violations =
	        trunk_rules_stream(from, stream) | trunk_rules_stream(to, stream);
}
