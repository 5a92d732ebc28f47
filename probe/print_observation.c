#include "probe/print_observation.h"

#include "probe/print_text.h"
#include "web/display.h"

/* Singular, plural. */
struct noun {
	const char *one, *many;
};

static const struct {
	const char *words;
	struct noun event;
	struct noun source, target; /* .one NULL: not told */
	const char *others;         /* of events that are no part of it; NULL: not told */
} kinds[OBSERVATION_TYPE_COUNT] = {
	[OBSERVATION_BRUTE_FORCE] = { "passwords are guessed",
	                              { "wrong one", "wrong ones" },
	                              { "source", "sources" },
	                              { "account", "accounts" },
	                              "accepted" },
	[OBSERVATION_HIJACK] = { "registered from an unusual network",
	                         { "time", "times" },
	                         { "address", "addresses" },
	                         { NULL, NULL },
	                         NULL },
	[OBSERVATION_SCANNER] = { "a tool for attacks gives its name",
	                          { "request", "requests" },
	                          { NULL, NULL },
	                          { "address", "addresses" },
	                          NULL },
	[OBSERVATION_EXTENSION_SCAN] = { "users are tried one after the other",
	                                 { "refused", "refused" },
	                                 { NULL, NULL },
	                                 { "user", "users" },
	                                 "not refused" },
	[OBSERVATION_SWEEP] = { "addresses are tried one after the other",
	                        { "unanswered", "unanswered" },
	                        { NULL, NULL },
	                        { "address", "addresses" },
	                        "answered" },
	[OBSERVATION_INVITE_FLOOD] = { "a flood of calls that come to nothing",
	                               { "INVITE", "INVITEs" },
	                               { NULL, NULL },
	                               { "address", "addresses" },
	                               "with success" },
	[OBSERVATION_REGISTER_FLOOD] = { "a flood of registrations that come to nothing",
	                                 { "REGISTER", "REGISTERs" },
	                                 { NULL, NULL },
	                                 { "address", "addresses" },
	                                 "with success" },
	[OBSERVATION_MALFORMED_FLOOD] = { "a flood of SIP that cannot be read",
	                                  { "message", "messages" },
	                                  { NULL, NULL },
	                                  { "address", "addresses" },
	                                  "readable" },
	[OBSERVATION_TOLL_FRAUD] = { "a burst of calls to dear numbers",
	                             { "call", "calls" },
	                             { NULL, NULL },
	                             { "number", "numbers" },
	                             "elsewhere" },
	[OBSERVATION_TOLL_OFF_HOURS] = { "calls to dear numbers while nobody works",
	                                 { "call", "calls" },
	                                 { NULL, NULL },
	                                 { "number", "numbers" },
	                                 "elsewhere" },
	[OBSERVATION_TOLL_LONG] = { "long calls to dear numbers",
	                            { "call", "calls" },
	                            { NULL, NULL },
	                            { "number", "numbers" },
	                            "elsewhere" },
	[OBSERVATION_WANGIRI] = { "one ring each, to be called back",
	                          { "call", "calls" },
	                          { NULL, NULL },
	                          { "number", "numbers" },
	                          "elsewhere" },
	[OBSERVATION_FOREIGN_RTP] = { "RTP that nobody announced goes into calls",
	                              { "stream", "streams" },
	                              { NULL, NULL },
	                              { "receiver", "receivers" },
	                              NULL },
	[OBSERVATION_SRTP_UNUSED] = { "SRTP is offered and media goes in clear",
	                              { "stream", "streams" },
	                              { NULL, NULL },
	                              { "receiver", "receivers" },
	                              NULL },
	[OBSERVATION_SRTP_DOWNGRADE] = { "media is encrypted on another leg, in clear here",
	                                 { "call", "calls" },
	                                 { NULL, NULL },
	                                 { NULL, NULL },
	                                 NULL },
	[OBSERVATION_PLAIN_SIP] = { "SIP in clear where TLS is expected",
	                            { "request", "requests" },
	                            { NULL, NULL },
	                            { NULL, NULL },
	                            NULL },
};

/* What it is, in words: "passwords are guessed". */
static const char *observation_words(enum observation_type type)
{
	return kinds[type].words ? kinds[type].words : "";
}

static void add_some(struct buffer *to, const char *before, uint64_t count,
                     const struct noun *noun)
{
	if (noun->one)
		buffer_format(to, "%s%llu %s", before, (unsigned long long)count,
		              count == 1 ? noun->one : noun->many);
}

static void add_ends(struct buffer *to, const struct observation_record *o)
{
	char text[ENDPOINT_TEXT_SIZE];
	buffer_add_string(to, address_format(&o->src.address, text));
	if (o->sources > 1)
		buffer_add_string(to, " and others");
	buffer_add_string(to, " > ");
	buffer_add_string(to, endpoint_format(&o->dst, text));
}

void text_add_observation(struct buffer *to, const struct record *record)
{
	const struct observation_record *o = &record->observation;
	const char *others = kinds[o->type].others;
	if (o->first != NSTIME_NONE)
		display_time(to, o->first, 3);
	buffer_add_string(to, "  ");
	add_ends(to, o);
	buffer_format(to, "  %s:", observation_words(o->type));
	add_some(to, " ", o->events, &kinds[o->type].event);
	if (o->sources > 1)
		add_some(to, ", ", o->sources, &kinds[o->type].source);
	if (o->targets > 1)
		add_some(to, ", ", o->targets, &kinds[o->type].target);
	if (o->subject[0]) {
		buffer_add_string(to, o->targets > 1 ? ", first " : ", ");
		text_add_wire(to, o->subject);
	}
	if (others && o->others)
		buffer_format(to, ", %llu %s", (unsigned long long)o->others, others);
	if (o->last > o->first)
		buffer_format(to, "  in %.1f s", ns_to_s(o->last - o->first));
	if (o->software[0] && o->type != OBSERVATION_SCANNER) {
		buffer_add_string(to, "  ");
		text_add_wire(to, o->software);
	}
}
