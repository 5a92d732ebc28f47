/* peers.h - requests to peers and their answers as SIP text, and what is said of the peers.
 */
#ifndef EARSHOT_TESTS_UNIT_PEERS_H
#define EARSHOT_TESTS_UNIT_PEERS_H

#include "tests/unit/scene.h"

#define PBX "198.18.0.1:5060"
#define FIRST "198.19.0.1:5060"
#define SECOND "198.19.0.2:5060"
#define THIRD "198.19.0.3:5060"

enum { NO_ANSWER = 0 };

/* One request and its final answer, 20 ms later; each with a Call-ID of its own. */
struct attempt {
	double ms;
	const char *from, *to;
	const char *method;
	unsigned int status; /* NO_ANSWER: none */
	const char *call_id; /* NULL: of its own */
	bool rings;
};

static inline void attempt(struct scene *scene, const struct attempt *a)
{
	char call_id[64], cseq[32], what[32];
	snprintf(call_id, sizeof call_id, "%s-%.0f-%s", a->from, a->ms, a->to);
	snprintf(cseq, sizeof cseq, "1 %s", a->method);
	snprintf(what, sizeof what, "%u Said", a->status);
	struct says says = { .ms = a->ms,
		             .src = a->from,
		             .dst = a->to,
		             .what = a->method,
		             .cseq = cseq,
		             .from_tag = "a",
		             .call_id = a->call_id ? a->call_id : call_id };
	scene_say(scene, &says);
	says.src = a->to;
	says.dst = a->from;
	says.to_tag = "b";
	says.what = "180 Ringing";
	says.ms = a->ms + 10;
	if (a->rings)
		scene_say(scene, &says);
	says.what = what;
	says.ms = a->ms + 20;
	if (a->status)
		scene_say(scene, &says);
}

static inline void ping(struct scene *scene, double s, unsigned int status)
{
	const struct attempt a = { s * 1000, PBX, FIRST, "OPTIONS", status, NULL, false };
	attempt(scene, &a);
}

static inline void call(struct scene *scene, double s, const char *to, unsigned int status)
{
	const struct attempt a = { s * 1000, PBX, to, "INVITE", status, NULL, false };
	attempt(scene, &a);
}

/* The same call at one peer, and half a second later at the next. */
static inline void call_twice(struct scene *scene, double s, const char *to,
                              unsigned int status, const char *then, double later_s)
{
	char call_id[32];
	snprintf(call_id, sizeof call_id, "twice-%.0f", s * 1000);
	const struct attempt first = {
		s * 1000, PBX, to, "INVITE", status, call_id, false
	};
	const struct attempt second = {
		(s + later_s) * 1000, PBX, then, "INVITE", 200, call_id, true
	};
	attempt(scene, &first);
	attempt(scene, &second);
}

static inline void tick(struct scene *scene, double s)
{
	scene_bytes(scene, s * 1000, "198.18.7.7:7", "198.18.7.8:7", "tick", 4);
}

static inline const struct peer_record *peer(const struct scene *scene, const char *at)
{
	const struct endpoint wanted = scene_endpoint(at);
	for (size_t i = 0; i < scene->record_count; i++)
		if (scene->records[i].kind == RECORD_PEER &&
		    endpoint_equal(&scene->records[i].peer.peer, &wanted))
			return &scene->records[i].peer;
	fail_msg("no peer %s", at);
	return NULL;
}

static inline size_t events(const struct scene *scene, enum event_type type)
{
	size_t count = 0;
	for (size_t i = 0; i < scene->record_count; i++)
		count += scene->records[i].kind == RECORD_EVENT &&
		         scene->records[i].event.type == type;
	return count;
}

static inline const struct event_record *event(const struct scene *scene,
                                               enum event_type type)
{
	for (size_t i = 0; i < scene->record_count; i++)
		if (scene->records[i].kind == RECORD_EVENT &&
		    scene->records[i].event.type == type)
			return &scene->records[i].event;
	fail_msg("no event %s", event_type_names[type]);
	return NULL;
}

#endif
