/*
 * store_parts.h - what a store is made of, for the two that write records: the store of
 * runs over captures (store.c) and that of a probe that listens (store_live.c).
 */
#ifndef EARSHOT_SCHEMA_STORE_PARTS_H
#define EARSHOT_SCHEMA_STORE_PARTS_H

#include "schema/aliases.h"
#include "schema/buffers.h"
#include "schema/field_text.h"
#include "schema/ladders.h"
#include "schema/message_bytes.h"
#include "schema/store.h"

enum {
	RUN_PARAMETER = 1, /* then the fields in their order */
	FIRST_FIELD = 2,
	MAX_LISTS = 16, /* in one record */
	MAX_ENDPOINTS = 3,
};

/*
 * What a parameter holds since it was bound last.  Most of a row's values are those of the
 * row before: nothing has to be done for them.
 */
struct held {
	enum {
		HELD_NOTHING,
		HELD_NULL,
		HELD_INTEGER,
		HELD_REAL,
		HELD_TEXT,
		HELD_BLOB
	} type;
	int len; /* of a text or blob */
	union {
		int64_t integer; /* or the bits of a real */
		const void *at;  /* borrowed; what lies there may have changed */
	};
};

struct insert {
	sqlite3_stmt *statement;     /* owned; NULL: there is none */
	struct held *held;           /* owned; [parameter] */
	const struct field **fields; /* owned; that it has, then those it leaves out */
	size_t field_count, left_out;
};

struct store {
	sqlite3 *db;                                    /* owned */
	struct insert inserts[RECORD_KIND_COUNT];       /* a message's: its bytes alone */
	struct insert quick_inserts[RECORD_KIND_COUNT]; /* most have none */
	struct ladders ladders;                         /* owned */
	struct message_packer *packer;                  /* owned */
	int64_t added[2];       /* bytes of messages and of timelines, not counted yet */
	struct aliases aliases; /* owned; of this run */
	char *path;             /* owned */
	int64_t run;            /* 0 = none begun */
	int64_t hour;           /* that was noted last as stale; INT64_MIN: none */
	bool notes_hours;       /* the database does not */
	char *indexes[RECORD_KIND_COUNT]; /* owned; SQL to make them again; NULL = there */
	enum record_kind last;            /* kind of the last record */
	size_t in_a_row;                  /* so many were of that kind */
	enum status status;               /* of this run: what broke it */
	struct db_error error;

	/* What the record being bound looks like as text. */
	char lists[MAX_LISTS][FIELD_LIST_SIZE];
	char endpoints[MAX_ENDPOINTS][ENDPOINT_TEXT_SIZE];
	size_t list_count, endpoint_count;
	uint8_t buffers[BUFFERS_BLOB_MAX];
};

/* Opens the file by that function, which is db_open_write or db_open_live. */
MUST_CHECK enum status store_open_by(enum status (*open)(const char *path, int busy_ms,
                                                         sqlite3 **out,
                                                         struct db_error *error),
                                     const char *path, struct store **out,
                                     struct db_error *error);

/* Are all fields unknown that the INSERT leaves out? */
bool store_insert_does(const struct insert *insert, const struct record *record);

/*
 * The record's fields, and what its row has beside them; false: SQLite refused one.  What
 * is bound lies in *record and *store: both stay as they are until the statement's step.
 */
MUST_CHECK bool store_bind_record(struct store *store, const struct record *record,
                                  struct insert *insert);

/* A message's bytes, for its INSERT; false as above. */
MUST_CHECK bool store_bind_message(struct store *store, const struct record *record);

/* The bytes that were added, into the account of retention.h. */
MUST_CHECK enum status store_count_bytes(struct store *store);

/* store_add; a leg that is not over yet keeps its ladder. */
MUST_CHECK enum status store_insert(struct store *store, const struct record *record,
                                    bool over);

#endif
