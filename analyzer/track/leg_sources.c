#include "analyzer/track/leg_sources.h"

#define TOGETHER (1 * NS_PER_SEC) /* a source that moves does not send on from before */

/* Least of its time that it sent for, percent: another may stand in, as music on hold. */
static const double COVERAGE = 80;

static nstime later(nstime a, nstime b)
{
	return a > b ? a : b;
}

static nstime sooner(nstime a, nstime b)
{
	return a < b ? a : b;
}

bool leg_sources_stream(struct leg_sources *sources, const struct stream_record *stream,
                        nstime answered, uint64_t least_packets, struct foreign_source *out)
{
	if (stream->direction == DIRECTION_NONE || answered == NSTIME_NONE)
		return false;
	const size_t way = stream->direction == DIRECTION_REVERSE;
	if (stream->flags & STREAM_NAT) {
		if (stream->packets < least_packets)
			return false;
		sources->ways[way].src = stream->src;
		sources->ways[way].dst = stream->dst;
		sources->ways[way].stream = stream->id;
		sources->ways[way].foreign_first = stream->first;
		sources->ways[way].foreign_last = stream->last;
	} else {
		if (stream->media_coverage_pct < COVERAGE)
			return false;
		const bool more = sources->ways[way].last != 0;
		sources->ways[way].first =
		        more ? sooner(sources->ways[way].first, stream->first)
		             : stream->first;
		sources->ways[way].last = later(sources->ways[way].last, stream->last);
	}
	const nstime first = later(later(sources->ways[way].first, answered),
	                           sources->ways[way].foreign_first);
	const nstime last =
	        sooner(sources->ways[way].last, sources->ways[way].foreign_last);
	if (sources->ways[way].stream == 0 || last - first < TOGETHER)
		return false;
	*out = (struct foreign_source){ sources->ways[way].src, sources->ways[way].dst,
		                        sources->ways[way].stream, first };
	sources->ways[way].stream = 0;
	return true;
}
