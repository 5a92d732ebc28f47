/*
 * media_owner.c - whose a stream is, of the calls that announce its ends.
 *
 * Two calls may announce one address: a phone, a relay or a load generator uses its port
 * again while the call before is not over, or while its last packets are still under way.
 * Then both ends of a stream decide: the call that knows where it comes from and where it
 * goes to has it before one that knows one of the two.  Between equals the newest claim
 * counts, which is all there is for calls that announce the very same two addresses.
 *
 * What comes from an address that no SDP names (NAT) is known to the call that sends there:
 * symmetric RTP (RFC 4961).
 */
#include "analyzer/track/media.h"

/*
 * Load generators give every call the same endpoint.  The legs of one call follow each
 * other within the newest claims; older ones than these are other calls'.
 */
enum { CLAIMS_LOOKED_AT = 64, STREAMS_LOOKED_AT = 64 };

/* What goes back that long ago is no sign that the other way is of the same call. */
#define SYMMETRIC_WITHIN (5 * NS_PER_SEC)

/* Calls that know one end of a stream. */
struct knowing {
	size_t count;
	uint64_t calls[CLAIMS_LOOKED_AT + STREAMS_LOOKED_AT];
};

static const struct media_leg *leg_at(const struct media *media, uint32_t number)
{
	return pool_at(&media->legs, number);
}

static const struct media_node *node_at(const struct media *media, uint32_t number)
{
	return pool_at(&media->nodes, number);
}

static enum direction opposite(enum direction direction)
{
	return direction == DIRECTION_FORWARD ? DIRECTION_REVERSE : DIRECTION_FORWARD;
}

static bool is_earlier_hop(const struct media_leg *a, const struct media_leg *b)
{
	return a->start != b->start ? a->start < b->start : a->leg < b->leg;
}

/* --- who knows an end ----------------------------------------------------------------- */

static bool knows(const struct knowing *who, uint64_t call)
{
	for (size_t i = 0; i < who->count; i++)
		if (who->calls[i] == call)
			return true;
	return false;
}

static void add_announcing(const struct media *media, struct knowing *who, uint32_t node)
{
	unsigned int left = CLAIMS_LOOKED_AT;
	if (node == MAP_NONE)
		return;
	for (const struct expectation *e = node_at(media, node)->expectations; e && left--;
	     e = e->next_at_node)
		who->calls[who->count++] = leg_at(media, e->leg)->call;
}

/* Those whose own packets go from there to there. */
static void add_sending(const struct media *media, struct knowing *who, uint32_t from,
                        uint32_t to)
{
	unsigned int left = STREAMS_LOOKED_AT;
	if (from == MAP_NONE || to == MAP_NONE)
		return;
	for (uint32_t s = node_at(media, from)->first_out; s && left--;
	     s = media_stream(media, s - 1)->next_out) {
		const struct stream *stream = media_stream(media, s - 1);
		if (stream->node_in == to && stream->leg &&
		    media->context->now - stream->hot->last <= SYMMETRIC_WITHIN)
			who->calls[who->count++] = stream->call_id;
	}
}

/* --- the best claim ------------------------------------------------------------------- */

struct choice {
	const struct expectation *best; /* NULL: none yet */
	int rank;
};

enum { KNOWS_BOTH_ENDS = 1, GOES_ON = 2, BEST_RANK = GOES_ON | KNOWS_BOTH_ENDS };

/* A leg that was refused (and redirected, or tried elsewhere), or is over, has no say while
 * another has. */
static int rank_of(const struct media_leg *leg, const struct knowing *other_end)
{
	return (leg->over ? 0 : GOES_ON) |
	       (knows(other_end, leg->call) ? KNOWS_BOTH_ENDS : 0);
}

/* Of equals the one that is considered first, and within its call the first hop. */
static void consider(const struct media *media, struct choice *choice,
                     const struct expectation *e, const struct knowing *other_end)
{
	const struct media_leg *leg = leg_at(media, e->leg);
	const struct media_leg *before =
	        choice->best ? leg_at(media, choice->best->leg) : NULL;
	const bool is_of_same_call = before && leg->call == before->call;
	if (choice->rank == BEST_RANK && !is_of_same_call)
		return; /* nearly all of a load generator's */
	const int rank = rank_of(leg, other_end);
	if (before &&
	    (rank < choice->rank ||
	     (rank == choice->rank && !(is_of_same_call && is_earlier_hop(leg, before)))))
		return;
	*choice = (struct choice){ e, rank };
}

/* False when there are more claims than are looked at. */
static bool consider_claims(const struct media *media, struct choice *choice, uint32_t node,
                            const struct knowing *other_end)
{
	unsigned int left = CLAIMS_LOOKED_AT;
	if (node == MAP_NONE)
		return true;
	const struct expectation *e = node_at(media, node)->expectations;
	for (; e && left--; e = e->next_at_node)
		consider(media, choice, e, other_end);
	return !e;
}

/* What a leg that announces the one node says of the other. */
static void consider_other_claims(const struct media *media, struct choice *choice,
                                  uint32_t node, uint32_t other,
                                  const struct knowing *other_end)
{
	unsigned int left = CLAIMS_LOOKED_AT;
	if (other == MAP_NONE)
		return;
	for (const struct expectation *o = node_at(media, other)->expectations; o && left--;
	     o = o->next_at_node)
		for (const struct expectation *e = leg_at(media, o->leg)->expectations; e;
		     e = e->next_of_leg)
			if (e->node == node)
				consider(media, choice, e, other_end);
}

struct media_join media_find_join(const struct media *media, uint32_t node_in,
                                  uint32_t node_out)
{
	struct knowing other_end = { .count = 0 };
	struct choice choice = { NULL, 0 };
	add_sending(media, &other_end, node_in, node_out);
	const size_t sending = other_end.count;
	add_announcing(media, &other_end, node_out);
	if (!consider_claims(media, &choice, node_in, &other_end) &&
	    choice.rank != BEST_RANK)
		consider_other_claims(media, &choice, node_in, node_out, &other_end);
	const struct expectation *e = choice.best;
	if (e)
		return (struct media_join){ e->leg, e->direction, false, e->secure };
	other_end.count = sending;
	(void)consider_claims(media, &choice, node_out, &other_end);
	e = choice.best;
	if (e)
		return (struct media_join){ e->leg, opposite(e->direction), true,
			                    e->secure };
	return (struct media_join){ .leg = MAP_NONE };
}

/* --- a newer claim on what another has ------------------------------------------------ */

/* Which ends of a stream a call knows. */
struct known {
	bool source, destination;
};

static struct known known_by(const struct media *media, const struct stream *stream,
                             uint64_t call)
{
	struct knowing sources = { .count = 0 };
	struct knowing destinations = { .count = 0 };
	add_announcing(media, &sources, stream->node_out);
	add_announcing(media, &destinations, stream->node_in);
	struct known known = { knows(&sources, call), knows(&destinations, call) };
	if (known.source == known.destination)
		return known;
	struct knowing answered = { .count = 0 };
	add_sending(media, &answered, stream->node_in, stream->node_out);
	if (knows(&answered, call))
		known = (struct known){ true, true };
	return known;
}

/* Is it that call's, if it begins now? */
static bool would_have(const struct media *media, const struct stream *stream,
                       uint64_t call)
{
	const struct media_join join =
	        media_find_join(media, stream->node_in, stream->node_out);
	return join.leg != MAP_NONE && leg_at(media, join.leg)->call == call;
}

bool media_takes_over(const struct media *media, const struct expectation *claim,
                      const struct stream *stream, bool arriving)
{
	const uint64_t call = leg_at(media, claim->leg)->call;
	const struct known mine = known_by(media, stream, call);
	const struct known theirs = known_by(media, stream, stream->call_id);
	const int my_ends = mine.source + mine.destination;
	const int their_ends = theirs.source + theirs.destination;
	if (my_ends != their_ends)
		return my_ends > their_ends;
	return arriving ? theirs.destination
	                : my_ends == 2 && would_have(media, stream, call);
}

bool media_knows_both_ends(const struct media *media, const struct stream *stream)
{
	const struct known known = known_by(media, stream, stream->call_id);
	return known.source && known.destination;
}
