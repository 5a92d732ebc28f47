/*
 * record_observation.h - what looks like an attack, or like security given up.
 */
#ifndef EARSHOT_MODEL_RECORD_OBSERVATION_H
#define EARSHOT_MODEL_RECORD_OBSERVATION_H

#include "analyzer/model/record_base.h"

enum observation_type {
	OBSERVATION_NONE,
	OBSERVATION_BRUTE_FORCE,    /* passwords are guessed */
	OBSERVATION_HIJACK,         /* an account registers from an unusual network */
	OBSERVATION_SCANNER,        /* a tool that gives its name */
	OBSERVATION_EXTENSION_SCAN, /* one user after the other is tried */
	OBSERVATION_SWEEP,          /* one address after the other is tried */
	OBSERVATION_INVITE_FLOOD,
	OBSERVATION_REGISTER_FLOOD,
	OBSERVATION_MALFORMED_FLOOD,
	OBSERVATION_TOLL_FRAUD,     /* a burst of calls to dear destinations */
	OBSERVATION_TOLL_OFF_HOURS, /* such calls while nobody works */
	OBSERVATION_TOLL_LONG,      /* long ones */
	OBSERVATION_WANGIRI,        /* one ring each, of many, that call back */
	OBSERVATION_FOREIGN_RTP,    /* from a source that nobody announced */
	OBSERVATION_SRTP_UNUSED,    /* offered, and media in clear */
	OBSERVATION_SRTP_DOWNGRADE, /* encrypted on one leg of a call, not on another */
	OBSERVATION_PLAIN_SIP,      /* where the trunk is to use TLS */
	OBSERVATION_TYPE_COUNT
};

extern const char *const observation_type_names[OBSERVATION_TYPE_COUNT];

enum { OBSERVATION_EXAMPLES = 5 };

struct observation_record {
	uint64_t id;
	enum observation_type type;
	nstime first, last, detected;
	struct endpoint src, dst;    /* of the first of its events */
	uint64_t sources, targets;   /* different ones; above 127 an estimate */
	char subject[RECORD_TEXT];   /* account, number or trunk of the first */
	uint64_t events;             /* attempts, calls, streams or messages */
	uint64_t others;             /* meanwhile, by the same one: no part of it */
	uint64_t peak_per_min;       /* events in a minute of the clock */
	struct id_list examples;     /* the first: legs, registrations, streams, calls */
	char software[RECORD_WORDS]; /* User-Agent of the first */
	bool over;                   /* nothing more is told of it */
};

#endif
