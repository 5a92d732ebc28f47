/*
 * record.h - the analyzer's output: plain data, nothing borrowed but one tail.
 *
 * Each kind of record has a struct and a table of its fields (record_KIND.h and .c): the
 * names there are the names in JSON, CSV and the database, and the printers and the store
 * walk these tables instead of knowing the structs.
 *
 * Not known is: NSTIME_NONE for a time, NAN for a real, 0 for an id or a status, an empty
 * string for text, all zero for an endpoint, 0 for an enum.
 */
#ifndef EARSHOT_MODEL_RECORD_H
#define EARSHOT_MODEL_RECORD_H

#include <string.h>

#include "analyzer/model/record_alert.h"
#include "analyzer/model/record_binding.h"
#include "analyzer/model/record_call.h"
#include "analyzer/model/record_encrypted.h"
#include "analyzer/model/record_event.h"
#include "analyzer/model/record_finding.h"
#include "analyzer/model/record_kpi.h"
#include "analyzer/model/record_leg.h"
#include "analyzer/model/record_message.h"
#include "analyzer/model/record_observation.h"
#include "analyzer/model/record_peer.h"
#include "analyzer/model/record_registration.h"
#include "analyzer/model/record_report.h"
#include "analyzer/model/record_stream.h"

/* In the order in which records of the same time leave the analyzer. */
enum record_kind {
	RECORD_MESSAGE,
	RECORD_REPORT,
	RECORD_REGISTRATION,
	RECORD_STREAM,
	RECORD_LEG,
	RECORD_FINDING,
	RECORD_CALL,
	RECORD_BINDING,
	RECORD_PEER,
	RECORD_EVENT,
	RECORD_KPI,
	RECORD_OBSERVATION,
	RECORD_ENCRYPTED,
	RECORD_ALERT,
	RECORD_KIND_COUNT
};

extern const char *const record_kind_names[RECORD_KIND_COUNT];

struct record {
	enum record_kind kind;
	nstime at; /* packet time at which it became final */
	union {
		struct leg_record leg;
		struct call_record call;
		struct stream_record stream;
		struct registration_record registration;
		struct message_record message;
		struct encrypted_record encrypted;
		struct report_record report;
		struct binding_record binding;
		struct peer_record peer;
		struct event_record event;
		struct finding_record finding;
		struct kpi_record kpi;
		struct observation_record observation;
		struct alert_record alert;
	};
	/* Borrowed for the time of the call: a message's bytes, a stream's timeline, a KPI
	 * bucket's bins. */
	struct span tail;
};

enum field_type {
	FIELD_ID,       /* uint64_t; 16 hex digits */
	FIELD_TEXT,     /* char[]; bytes from the wire: shown by the output rules only */
	FIELD_TIME,     /* nstime */
	FIELD_ENDPOINT, /* struct endpoint */
	FIELD_ADDRESS,  /* struct endpoint, shown without its port */
	FIELD_COUNT,    /* uint64_t */
	FIELD_NUMBER,   /* uint64_t, 0 = not known */
	FIELD_REAL,     /* double */
	FIELD_NAME,     /* an enum; `names` */
	FIELD_FLAG,     /* bool */
	FIELD_FLAGS,    /* uint32_t bits; `names`, one for each bit: a list of names */
	FIELD_SSRC,     /* uint32_t; "0x17cb308c" */
	FIELD_SSRC_IF,  /* int64_t; -1 = not known */
	FIELD_IDS,      /* struct id_list */
	FIELD_CODEC,    /* enum codec */
	FIELD_CODECS,   /* struct codec_list */
	FIELD_PAYLOAD_TYPES, /* struct payload_type_counts: type -> packets */
	FIELD_BUFFERS,       /* struct buffer_list */
	FIELD_HISTOGRAM,     /* struct histogram: a list of counts */
};

struct field {
	const char *name;
	enum field_type type;
	size_t offset; /* within struct record */
	size_t size;   /* room for a FIELD_TEXT, its NUL included */
	const char *const *names;
	size_t name_count;
	bool rare; /* NULL, or its column's default, in most: the store may leave it out */
	/*
	 * Of a text: our words, or the operator's.  All others may name a person, and so
	 * may an endpoint or an address, unless the text at `trunk` says whose it is.
	 */
	bool open;
	size_t trunk; /* within struct record; 0 = none */
};

struct field_table {
	const struct field *fields;
	size_t count;
};

/* The fields of a kind, in the order in which they are shown. */
struct field_table record_fields(enum record_kind kind);

/* The figures of a buffer, in the order in which they are shown. */
enum { BUFFER_FIELDS = 12 };

struct buffer_field {
	const char *name;
	size_t offset; /* of a double within struct buffer_record */
};

const struct buffer_field *record_buffer_field(size_t index);

static inline double buffer_value(const struct buffer_record *buffer, size_t index)
{
	double value;
	memcpy(&value, (const char *)buffer + record_buffer_field(index)->offset,
	       sizeof value);
	return value;
}

/* Where the field lies in that record. */
static inline const void *field_at(const struct record *record, const struct field *field)
{
	return (const char *)record + field->offset;
}

uint64_t record_id(const struct record *record);

#endif
