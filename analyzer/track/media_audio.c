/* media_audio.c - the sound of a stream on its way into quality/audio.h, and its figures
 * out. */
#include "analyzer/track/media.h"

#include <math.h>
#include <stdlib.h>

#include "analyzer/quality/audio.h"

static bool give_audio(struct media *media, struct stream *stream)
{
	if (media->audio_blocks < media->context->settings.limits.audio)
		stream->audio = calloc(1, sizeof *stream->audio);
	if (stream->audio) {
		media->audio_blocks++;
		return true;
	}
	stream->audio_refused = true;
	count(media->context, COUNT_AUDIO_NOT_HEARD);
	return false;
}

void media_audio_packet(struct media *media, struct stream *stream,
                        const struct stream_packet *packet)
{
	const struct stream_now *now = &stream->state.now;
	if (now->index == STREAM_NO_TYPE || now->carried || stream->encrypted)
		return;
	const struct stream_type *type = stream_type_at(stream, now->index);
	if (!audio_decodes(type->meaning.codec, type->meaning.clock_hz))
		return;
	if (!stream->audio && (stream->audio_refused || !give_audio(media, stream)))
		return;
	const struct audio_packet heard = {
		.payload = packet->payload,
		.arrival = packet->arrival,
		.timestamp = packet->timestamp,
		.clock_hz = type->meaning.clock_hz,
		.codec = type->meaning.codec,
	};
	audio_take(stream->audio, &heard);
}

static void nothing_known(struct stream_record *out)
{
	out->audio_heard_s = out->audio_speech_pct = out->audio_silence_pct = NAN;
	out->audio_dead_air_s = out->audio_dead_air_total_s = NAN;
	out->audio_clipping_pct = out->audio_dtmf = NAN;
	out->audio_level_dbov = out->audio_rms_dbov = out->audio_peak_dbov = NAN;
	out->audio_dtmf_first = NSTIME_NONE;
	out->audio_fax = FAX_TONE_NONE;
}

void media_audio_record(const struct stream *stream, struct stream_record *out)
{
	struct audio_figures figures;
	if (!stream->audio || stream->encrypted ||
	    !audio_figures(stream->audio, &figures)) {
		nothing_known(out);
		return;
	}
	const struct audio_interval *all = &figures.all;
	out->audio_heard_s = all->heard_s;
	out->audio_speech_pct = all->speech_pct;
	out->audio_silence_pct = all->silence_pct;
	out->audio_dead_air_s = figures.dead_air_s;
	out->audio_dead_air_total_s = figures.dead_air_total_s;
	out->audio_clipping_pct = all->clipping_pct;
	out->audio_level_dbov = all->level_dbov;
	out->audio_rms_dbov = all->rms_dbov;
	out->audio_peak_dbov = all->peak_dbov;
	out->audio_dtmf = all->digits;
	out->audio_dtmf_first = figures.first_digit;
	out->audio_fax = figures.fax;
}

void media_audio_drop(struct media *media, struct stream *stream)
{
	if (!stream->audio)
		return;
	free(stream->audio);
	stream->audio = NULL;
	media->audio_blocks--;
}
