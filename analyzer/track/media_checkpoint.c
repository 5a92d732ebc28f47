/* media_checkpoint.c - streams that go on, as they stand: what watching people see of calls
 * in progress, and what is left of them if the probe dies before they end.  Nothing is
 * changed by it, so that it may be asked for at any time.
 */
#include "analyzer/track/media.h"

#include <math.h>

#include "analyzer/quality/emodel.h"

/* A shorter one's figures say little yet. */
#define WORTH_IT (10 * NS_PER_SEC)

static bool is_worth_it(const struct media *media, const struct stream *stream)
{
	return media->context->now - stream->first >= WORTH_IT;
}

void media_name_point(const struct media *media, const struct stream *stream,
                      struct stream_record *out)
{
	const struct settings *settings = &media->context->settings;
	if (stream->hot->point)
		text_copy(out->point, sizeof out->point,
		          text_from(settings->points[stream->hot->point - 1]));
}

bool media_so_far(const struct media *media, uint32_t number, struct stream_record *out,
                  uint32_t *signalling_leg)
{
	struct stream *stream = pool_live(&media->streams, number);
	struct stream_facts facts;
	if (!stream || !is_worth_it(media, stream))
		return false;
	stream_record_so_far(stream, &media->context->settings, out);
	media_audio_record(stream, out);
	media_pair_record(media, stream, out);
	media_name_point(media, stream, out);
	out->media_coverage_pct = out->uncovered_s = NAN;
	stream_facts_of(stream, out, &facts);
	*signalling_leg = stream->leg ? stream->signalling_leg : MAP_NONE;
	return true;
}

void media_leg_so_far(const struct media *media, uint32_t number,
                      struct media_lowest *lowest)
{
	const struct media_leg *leg = pool_at(&media->legs, number);
	for (uint32_t s = leg->first_stream; s;
	     s = media_stream(media, s - 1)->next_of_leg) {
		struct stream *stream = media_stream(media, s - 1);
		struct stream_record so_far;
		if (!is_worth_it(media, stream))
			continue;
		stream_record_so_far(stream, &media->context->settings, &so_far);
		const double common = emodel_common_r(so_far.band, so_far.r);
		if (isnan(common) || common >= lowest->common_r)
			continue;
		*lowest = (struct media_lowest){ common, so_far.mos_lq, so_far.band,
			                         so_far.id };
	}
}
