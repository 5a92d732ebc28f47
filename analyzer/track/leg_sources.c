#include "analyzer/track/leg_sources.h"

#include <stdlib.h>

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

static bool note_other(struct leg_sources *sources, size_t way,
                       const struct stream_record *stream)
{
	struct other_source **other = &sources->ways[way].other;
	if (!*other)
		*other = malloc(sizeof **other);
	if (!*other) {
		sources->no_memory = true;
		return false;
	}
	**other = (struct other_source){ stream->first, stream->last, stream->src,
		                         stream->dst, stream->id };
	return true;
}

bool leg_sources_stream(struct leg_sources *sources, const struct stream_record *stream,
                        nstime answered, uint64_t least_packets, struct foreign_source *out)
{
	if (stream->direction == DIRECTION_NONE || answered == NSTIME_NONE)
		return false;
	const size_t way = stream->direction == DIRECTION_REVERSE;
	if (!(stream->flags & STREAM_NAT)) {
		if (stream->media_coverage_pct < COVERAGE)
			return false;
		const bool more = sources->ways[way].last != 0;
		sources->ways[way].first =
		        more ? sooner(sources->ways[way].first, stream->first)
		             : stream->first;
		sources->ways[way].last = later(sources->ways[way].last, stream->last);
	} else if (stream->packets < least_packets || !note_other(sources, way, stream)) {
		return false;
	}
	struct other_source *other = sources->ways[way].other;
	if (!other || other->stream == 0)
		return false;
	const nstime first = later(later(sources->ways[way].first, answered), other->first);
	const nstime last = sooner(sources->ways[way].last, other->last);
	if (last - first < TOGETHER)
		return false;
	*out = (struct foreign_source){ other->src, other->dst, other->stream, first };
	other->stream = 0;
	return true;
}

void leg_sources_free(struct leg_sources *sources)
{
	free(sources->ways[0].other);
	free(sources->ways[1].other);
}
