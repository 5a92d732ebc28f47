/* explain_segments.c - where on its way a stream's packets were lost, in words. */
#include <math.h>

#include "probe/explain_print.h"
#include "probe/print_text.h"
#include "schema/field_text.h"
#include "web/display.h"

/* From the sender to the relay, through it, and from the probe to the receiver. */
enum { SEGMENTS = 3 };

static const char *const in_words[2][SEGMENTS] = {
	{
	        "most was lost before the relay",
	        "most was lost between the two points: in the relay, or on the way to it or "
	        "from it",
	        "most was lost behind the second point, on the way to the receiver",
	},
	{
	        "most was lost before the first point",
	        "most was lost between the two points",
	        "most was lost behind the second point, on the way to the receiver",
	},
};

/* The one that lost more than the others together; none was lost: NULL. */
static const char *verdict_of(const double lost[SEGMENTS], bool same_way)
{
	double sum = 0;
	for (size_t i = 0; i < SEGMENTS; i++)
		sum += lost[i];
	for (size_t i = 0; i < SEGMENTS; i++)
		if (lost[i] > sum / 2)
			return in_words[same_way][i];
	return sum > 0 ? "no part of the way lost most" : NULL;
}

static void add_point(struct buffer *to, const struct endpoint *at)
{
	char text[ENDPOINT_TEXT_SIZE];
	buffer_add_string(to, endpoint_format(at, text));
}

/* The same packets, seen at two points of their way: no relay lies between. */
static bool is_same_way(const struct stream_record *s, const struct record *before)
{
	return before && s->point[0] && before->stream.point[0] &&
	       endpoint_equal(&s->src, &before->stream.src) &&
	       endpoint_equal(&s->dst, &before->stream.dst);
}

static void add_same_way(const struct stream_record *s, const struct stream_record *before,
                         const double lost[SEGMENTS], struct buffer *to)
{
	buffer_add_string(to, "  - before ");
	display_text(to, text_from(before->point));
	buffer_format(to, ": %.0f lost\n  - between the points ", lost[0]);
	display_text(to, text_from(before->point));
	buffer_add_string(to, " and ");
	display_text(to, text_from(s->point));
	buffer_format(to, ": %.0f lost, %.1f ms later, changing by %.1f ms\n", lost[1],
	              s->segment_delay_ms, s->segment_jitter_ms);
}

static void add_relayed(const struct stream_record *s, const struct record *before,
                        const double lost[SEGMENTS], struct buffer *to)
{
	buffer_add_string(to, "  - ");
	if (before) {
		add_point(to, &before->stream.src);
		buffer_add_string(to, " to ");
		add_point(to, &before->stream.dst);
	} else {
		buffer_add_string(to, "before the relay");
	}
	buffer_format(to, ": %.0f lost\n  - from there through the relay to here, ",
	              lost[0]);
	add_point(to, &s->src);
	buffer_add_string(to, " to ");
	add_point(to, &s->dst);
	buffer_format(to, ": %.0f lost%s, %.1f ms later, changing by %.1f ms\n", lost[1],
	              s->segment_basis == SEGMENT_COUNTS
	                      ? " by what each side lacks of its own numbers"
	                      : "",
	              s->segment_delay_ms, s->segment_jitter_ms);
}

void explain_add_segments(const struct stream_record *s, const struct dossier *dossier,
                          struct buffer *to)
{
	char id[ID_TEXT_SIZE];
	const struct record *before = dossier_find(dossier, RECORD_STREAM, s->upstream);
	if (!s->upstream)
		return;
	const double lost[SEGMENTS] = { s->segment_lost_before, s->segment_lost_between,
		                        fmax(0, s->lost_after) };
	const bool same_way = is_same_way(s, before);
	const char *verdict = verdict_of(lost, same_way);
	buffer_format(to, "\n  where on the way, by stream %s, which has the same media\n",
	              id_format(s->upstream, id));
	if (same_way)
		add_same_way(s, &before->stream, lost, to);
	else
		add_relayed(s, before, lost, to);
	if (s->lost_after > 0)
		buffer_format(to, "  - behind the probe: %.0f lost\n", lost[2]);
	if (verdict)
		buffer_format(to, "  %s\n", verdict);
}
