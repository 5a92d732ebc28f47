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

struct store {
	sqlite3 *db;                              /* owned */
	sqlite3_stmt *inserts[RECORD_KIND_COUNT]; /* owned; a message's: its bytes alone */
	sqlite3_stmt *quick_inserts[RECORD_KIND_COUNT]; /* owned; NULL: it has none */
	struct ladders ladders;                         /* owned */
	struct message_packer *packer;                  /* owned */
	int64_t added[2];       /* bytes of messages and of timelines, not counted yet */
	struct aliases aliases; /* owned; of this run */
	char *path;             /* owned */
	int64_t run;            /* 0 = none begun */
	char *indexes;          /* owned; SQL to make them again; NULL = there */
	enum status status;     /* of this run: what broke it */
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

/* Are all fields unknown that few records have?  Then the quick INSERT does. */
bool store_is_lean(const struct record *record);

/*
 * The record's fields, and what its row has beside them; false: SQLite refused one.  What
 * is bound lies in *record and *store: both stay as they are until the statement's step.
 */
MUST_CHECK bool store_bind_record(struct store *store, const struct record *record,
                                  sqlite3_stmt *insert);

/* A message's bytes, for its INSERT; false as above. */
MUST_CHECK bool store_bind_message(struct store *store, const struct record *record);

/* The bytes that were added, into the account of retention.h. */
MUST_CHECK enum status store_count_bytes(struct store *store);

/* store_add; a leg that is not over yet keeps its ladder. */
MUST_CHECK enum status store_insert(struct store *store, const struct record *record,
                                    bool over);

#endif
