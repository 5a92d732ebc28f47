/*
 * config_table.h - what a configuration may say: one row for each key.
 *
 * Reader, checker, the shipped example and the reference page walk this table.  To add a
 * key, add its member to struct config (or to struct settings, with its default in
 * limits.c) and its row in config_table.c, or config_table_alerts.c; then `make
 * config-pages` writes the example and the reference anew.
 */
#ifndef EARSHOT_PROBE_CONFIG_TABLE_H
#define EARSHOT_PROBE_CONFIG_TABLE_H

#include <stdio.h>

#include "probe/config.h"
#include "probe/option_error.h"
#include "web/buffer.h"

enum config_type {
	CONFIG_SECTION, /* keys below it: "media" */
	CONFIG_OBJECTS, /* a list of such: "trunks", its keys "trunks[].name" */
	CONFIG_TEXT,    /* char[]: printable, not empty */
	CONFIG_DIGITS,  /* char[]: decimal digits, a plus before them is left out */
	CONFIG_NUMBER,  /* unsigned, of 1, 2, 4 or 8 bytes */
	CONFIG_REAL,    /* double */
	CONFIG_SECONDS, /* nstime, in whole ms */
	CONFIG_BYTES,   /* uint64_t or size_t: a number with a unit, KiB to TiB */
	CONFIG_FLAG,    /* bool */
	CONFIG_NAME_OF, /* an enum: one of `names` that is not NULL */
	CONFIG_CUSTOM,  /* `take` reads it, `show` shows it */
};

struct config_key {
	const char *path;
	enum config_type type;
	bool list; /* of scalars; CONFIG_CUSTOM only: `take` gets them one by one */
	size_t offset, size; /* in struct config; of CONFIG_CUSTOM where `restart` */
	double least, most;  /* of numbers; ends included */
	const char *const *names;
	size_t name_count;

	/* CONFIG_CUSTOM: true, or false with the reason in *error. */
	bool (*take)(struct config *config, const char *value, struct option_error *error);
	/* The value as YAML; NULL, or nothing added: there is none by default. */
	void (*show)(const struct config *config, struct buffer *out);
	/* Before the first value of a list, or before an entry of CONFIG_OBJECTS. */
	void (*begin)(struct config *config);
	/* After an entry of CONFIG_OBJECTS. */
	bool (*end)(struct config *config, struct option_error *error);

	bool restart; /* of a probe that runs: only then it counts, and not at a reload */

	const char *allowed; /* CONFIG_CUSTOM: what it may be, for people */
	const char *example; /* as YAML, where there is no default worth showing */
	const char *doc;     /* sentences */
};

/* In the order in which they are shown; a section before its keys.  NULL behind the last.
 */
const struct config_key *config_key_at(size_t place);

/* The row of that path, or NULL. */
const struct config_key *config_key_find(struct text path);

/* How many levels it is below the top; where its own name begins in the path. */
size_t config_key_depth(const struct config_key *key);
struct text config_key_name(const struct config_key *key);
/* The path of the keys' parent, with a point or "[]." behind; empty at the top. */
struct text config_key_parent(const struct config_key *key);

/* "one of carrier, pop", "a whole number of 1 to 65535". */
void config_add_allowed(const struct config_key *key, struct buffer *out);
/* Its value as YAML; nothing when it has none. */
void config_add_value(const struct config_key *key, const struct config *config,
                      struct buffer *out);
/* Takes a scalar: false with the reason in *error. */
bool config_take(const struct config_key *key, struct config *config, const char *value,
                 struct option_error *error);

/* What the two say of a key that is only taken at a start is not the same; false of the
 * others. */
bool config_key_needs_restart(const struct config_key *key, const struct config *a,
                              const struct config *b);

/* A file that sets every key to its default; entries of lists are examples, and only
 * there when `active`, else in comments. */
void config_print_example(struct buffer *out, bool active);
/* The reference page, Markdown. */
void config_print_reference(struct buffer *out);

#endif
