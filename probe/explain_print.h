/*
 * explain_print.h - an explanation as several lines for a person, or as JSON, one object a
 * line.
 */
#ifndef EARSHOT_PROBE_EXPLAIN_PRINT_H
#define EARSHOT_PROBE_EXPLAIN_PRINT_H

#include "probe/dossier.h"
#include "probe/explain.h"
#include "web/buffer.h"

/* The dossier: for what endpoints claim of the stream. */
void explain_add_text(const struct record *stream, const struct explanation *explanation,
                      const struct dossier *dossier, struct buffer *to, bool colour);
void explain_add_json(const struct record *stream, const struct explanation *explanation,
                      const struct dossier *dossier, struct buffer *to);

/* explain_segments.c: nothing where no other stream has the same media. */
void explain_add_segments(const struct stream_record *stream, const struct dossier *dossier,
                          struct buffer *to);

/* As one member: the records of a kind that `choose` takes, as objects in a list. */
typedef bool explain_choice(const struct dossier *dossier, const struct record *record,
                            uint64_t id);
void explain_json_members(const struct dossier *dossier, enum record_kind kind,
                          const char *name, explain_choice *choose, uint64_t id,
                          struct buffer *to);
/* Likewise what endpoints claim, a line each below the heading; nothing where none do. */
void explain_text_claims(const struct dossier *dossier, const char *heading,
                         explain_choice *choose, uint64_t id, struct buffer *to);
explain_choice explain_is_claim_of; /* that stream */

/* The terms of R, in the order of its formula. */
struct explained_term {
	const char *name;
	double value;
	const char *meaning;
};
enum { EXPLAIN_TERMS = 7 };
void explain_list_terms(const struct emodel_terms *terms,
                        struct explained_term to[EXPLAIN_TERMS]);

#endif
