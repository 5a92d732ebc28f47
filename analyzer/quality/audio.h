/*
 * audio.h - what a stream sounds like, in figures: level, speech and silence, clipping,
 * digits and fax tones.  Nobody is recorded: what is kept of a packet are sums, counters
 * and the state of filters, out of which no sound can be made again.
 *
 * Decoded are G.711 and L16 of one channel, at RTP clocks that are multiples of 8 kHz; of
 * faster ones every n-th sample is taken and nothing filtered, which leaves levels as they
 * are and may fold a tone above 4 kHz onto another.  Of a packet at most AUDIO_MAX_SAMPLES
 * are looked at.  What was not looked at, not captured or not received is a gap: shares are
 * of the time heard, and nothing is joined across a gap.
 *
 * Levels are in dBov (RFC 6464, RFC 6465): 0 is a square wave of the largest amplitude that
 * the codec has, so the largest sine is -3.01; 0 dBm0 is about -6.15.
 *
 * The speech level and activity are method B of ITU-T P.56: an envelope of two averages of
 * 30 ms, against thresholds 6 dB apart, each with a hangover of 200 ms, and of these the
 * level that the active level exceeds by 15.9 dB.  What differs: thresholds end at -48 dBov
 * (what is below is silence, never quiet speech), they are looked at every ms, not at every
 * sample, and the bands are not filtered first.  It is no recognition of speech: music,
 * tones and noise that is steady and above -48 dBov are active, as they are for P.56.
 *
 * Silence is time below the lowest threshold, after the hangover.  Dead air is such silence
 * for AUDIO_DEAD_AIR_S or longer, counted from its begin: pauses in speech last 1.6 s on
 * average (ITU-T P.59), so nobody speaks there; whether somebody listens this direction
 * cannot know.
 */
#ifndef EARSHOT_QUALITY_AUDIO_H
#define EARSHOT_QUALITY_AUDIO_H

#include "analyzer/base/span.h"
#include "analyzer/model/codec.h"
#include "analyzer/quality/tones.h"

enum {
	AUDIO_MAX_SAMPLES = 480, /* at 8 kHz: 60 ms, the longest packets of telephones */
	AUDIO_DEAD_AIR_S = 5,
	AUDIO_BRIDGED_MS = 100, /* a shorter gap hides no word: silence goes on after it */
	AUDIO_THRESHOLDS = 8,
};

struct audio_packet {
	struct span payload; /* may be cut short by the capture */
	nstime arrival;
	uint32_t timestamp; /* RTP */
	uint32_t clock_hz;
	enum codec codec;
};

/* Of the time since the last interval was closed, or of all. */
struct audio_sums {
	uint64_t samples, clipped; /* of 8 kHz */
	double energy;             /* sum of squares; an amplitude of 1 is overload */
	uint64_t active_ms[AUDIO_THRESHOLDS];
	uint64_t silent_ms;
	float peak;
};

/* Begins all zero. */
struct audio {
	bool begun;
	uint32_t timestamp;      /* of the packet before */
	uint32_t next_timestamp; /* that continues it */
	uint32_t clock_hz;
	uint64_t late; /* samples before next_timestamp */

	float average, envelope; /* P.56: p and q */
	uint8_t in_ms;           /* samples of the ms under way */
	uint8_t hangover_ms[AUDIO_THRESHOLDS];
	uint64_t quiet_ms;
	uint64_t dead_air_ms, dead_air_total_ms; /* longest; all */
	nstime first_digit;
	uint32_t digits_before; /* the interval */
	struct audio_sums interval, closed;
	struct tones tones;
};

/*
 * NAN = not known: nothing was heard.  A level of something inaudible is -127 (RFC 6465);
 * without any speech its level is NAN.
 */
struct audio_interval {
	double heard_s; /* all shares are of this */
	double speech_pct, silence_pct;
	double clipping_pct; /* share of samples at full scale */
	double level_dbov;   /* of speech while it is active */
	double rms_dbov;     /* of all */
	double peak_dbov;
	uint32_t digits; /* in-band DTMF */
};

struct audio_figures {
	struct audio_interval all;
	double dead_air_s, dead_air_total_s; /* the longest; all of them; 0 = none */
	nstime first_digit;                  /* arrival of the packet; NSTIME_NONE = none */
	enum fax_tone fax;
};

/* Is there sound in such a payload that we can decode? */
bool audio_decodes(enum codec codec, uint32_t clock_hz);

/* The next packet in arrival order; what comes too late or twice is left out. */
void audio_take(struct audio *audio, const struct audio_packet *packet);

/* Ends an interval: what was heard since the last one was closed. */
void audio_close_interval(struct audio *audio, struct audio_interval *out);

/*
 * All so far.  False, and nothing known: under 0.2 s was heard, or what a packet holds does
 * not fit its timestamps, as with SRTP, another codec or stereo.
 */
bool audio_figures(const struct audio *audio, struct audio_figures *out);

#endif
