/* media_checkpoint.c - streams that go on, as records: what is left of them if the probe
 * dies before they end.  Nothing is changed by it, so that it may be asked for at any time.
 */
#include "analyzer/track/media.h"

#include <math.h>

/* A shorter one's leg tells enough. */
#define WORTH_IT (30 * NS_PER_SEC)

static void give_so_far(const struct media *media, const struct stream *stream,
                        const struct sink *sink)
{
	struct record record = { .kind = RECORD_STREAM, .at = media->context->now };
	struct stream_facts facts;
	stream_record_so_far(stream, &media->context->settings, &record.stream);
	media_audio_record(stream, &record.stream);
	media_pair_record(media, stream, &record.stream);
	record.stream.media_coverage_pct = record.stream.uncovered_s = NAN;
	stream_facts_of(stream, &record.stream, &facts);
	sink->accept(sink->self, &record);
}

void media_checkpoint(const struct media *media, uint32_t part, uint32_t parts,
                      const struct sink *sink)
{
	for (uint32_t number = part; number < media->streams.reach; number += parts) {
		const struct stream *stream = pool_live(&media->streams, number);
		if (stream && media->context->now - stream->first >= WORTH_IT)
			give_so_far(media, stream, sink);
	}
}
