/* dialogs.h - whole dialogs as SIP text, each of a few words, and the calls they become. */
#ifndef EARSHOT_TESTS_UNIT_DIALOGS_H
#define EARSHOT_TESTS_UNIT_DIALOGS_H

#include "tests/unit/scene.h"

#define A "198.18.0.1:5060"
#define PBX "198.18.0.2:5060"
#define B "198.18.0.3:5060"
#define C "198.18.0.4:5060"

/* INVITE, answer after a second or a failure, BYE. */
struct dialog {
	double ms;
	const char *src, *dst;
	const char *call_id, *from, *to;
	const char *headers;  /* of the INVITE */
	unsigned int status;  /* final; 0: 200 */
	double end_ms;        /* of the BYE, from `ms` */
	const char *refer_to; /* the callee asks for it, 500 ms before the end */
	const char *answer;   /* headers of the final response */
};

static inline void say(struct scene *scene, double ms, const struct dialog *d,
                       const char *first, const char *cseq, const char *more, bool back)
{
	const bool request = first[0] > '9';
	const bool tagged = strncmp(first, "INVITE", 6) != 0;
	char text[SCENE_PACKET_BYTES];
	const int len = snprintf(
	        text, sizeof text,
	        "%s%s%s%s%s\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK-%s-%.3s\r\n"
	        "From: <sip:%s@a.example>;tag=f%s\r\nTo: <sip:%s@b.example>%s%s\r\n"
	        "Call-ID: %s\r\nCSeq: %s\r\n%sContent-Length: 0\r\n\r\n",
	        request ? "" : "SIP/2.0 ", first, request ? " sip:" : "",
	        request ? d->to : "", request ? "@b.example SIP/2.0" : "", d->src,
	        d->call_id, cseq, d->from, d->call_id, d->to, tagged ? ";tag=t" : "",
	        tagged ? d->call_id : "", d->call_id, cseq, more ? more : "");
	assert_true(len > 0 && len < (int)sizeof text);
	scene_bytes(scene, ms, back ? d->dst : d->src, back ? d->src : d->dst, text,
	            (size_t)len);
}

static inline void play(struct scene *scene, const struct dialog *d)
{
	char first[32], refer[128];
	say(scene, d->ms, d, "INVITE", "1 INVITE", d->headers, false);
	say(scene, d->ms + 100, d, "180 Ringing", "1 INVITE", NULL, true);
	snprintf(first, sizeof first, "%u Status", d->status ? d->status : 200);
	say(scene, d->ms + 1000, d, first, "1 INVITE", d->answer, true);
	say(scene, d->ms + 1010, d, "ACK", "1 ACK", NULL, false);
	if (d->refer_to) {
		snprintf(refer, sizeof refer, "Refer-To: <%s>\r\n", d->refer_to);
		/* In the callee's dialog the tags change places; Earshot goes by Call-ID.
		 */
		say(scene, d->ms + d->end_ms - 500, d, "REFER", "9 REFER", refer, true);
	}
	if (!d->status) {
		say(scene, d->ms + d->end_ms, d, "BYE", "2 BYE", NULL, false);
		say(scene, d->ms + d->end_ms + 5, d, "200 OK", "2 BYE", NULL, true);
	}
}

static inline const struct leg_record *leg_of(const struct scene *scene,
                                              const char *call_id)
{
	for (size_t i = 0; i < scene_count(scene, RECORD_LEG); i++) {
		const struct record *leg = scene_record(scene, RECORD_LEG, i);
		if (strcmp(leg->leg.sip_call_id, call_id) == 0)
			return &leg->leg;
	}
	fail_msg("no leg %s", call_id);
	return NULL;
}

static inline const struct call_record *call_of(const struct scene *scene,
                                                const char *call_id)
{
	const uint64_t id = leg_of(scene, call_id)->call;
	for (size_t i = 0; i < scene_count(scene, RECORD_CALL); i++)
		if (scene_record(scene, RECORD_CALL, i)->call.id == id)
			return &scene_record(scene, RECORD_CALL, i)->call;
	fail_msg("no call %s", call_id);
	return NULL;
}

#endif
