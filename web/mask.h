/*
 * mask.h - people, for those who may not see them: numbers, SIP URIs, names and addresses
 * become pseudonyms, each always the same one, which nobody can make or undo without the
 * key of the installation.
 *
 *   a text     ~3fa9c2d1e0b4        a URI      sip:~3fa9c2d1e0b4
 *   an address an IPv6 address of 100::/64 (RFC 6666: of nobody), the port as it is
 *
 * What is hidden is what the tables of fields do not call open: a field that nobody thought
 * of is hidden.  Of a record's own tail, a SIP message, little is left: see
 * web/mask_message.c.
 *
 * Who calls keeps one pseudonym in a URI, in a number and in a header: it is made of the
 * user part, a number without what people write between digits.  Where the rules of the
 * configuration completed a leg's number, the user part of that leg counts as that number.
 */
#ifndef EARSHOT_WEB_MASK_H
#define EARSHOT_WEB_MASK_H

#include "analyzer/model/record.h"
#include "schema/query.h"
#include "web/buffer.h"
#include "web/secret.h"

enum {
	MASK_TEXT = 24,    /* room for a pseudonym, its NUL included */
	MASK_PERSON = 128, /* room for what one is made of */
	MASK_ALIASES =
	        64, /* user parts whose number is known; then the oldest is forgotten */
	MASK_CARRIERS = 64,
};

struct mask_alias {
	char user[MASK_PERSON], number[MASK_PERSON];
};

/* What a question's legs and streams told of those that come after them. */
struct mask_memory {
	struct mask_alias aliases[MASK_ALIASES];
	struct address carriers[MASK_CARRIERS]; /* of trunks: not hidden */
	size_t alias_count, carrier_count;      /* ever */
};

/* One for each question. */
struct mask {
	uint8_t key[SECRET_BYTES];
	struct buffer tail;         /* owned: of the message that was masked last */
	struct mask_memory *memory; /* owned; NULL: nothing was seen yet */
};

/* Freed by mask_free; needs no memory before it is used. */
void mask_init(struct mask *mask, const uint8_t key[SECRET_BYTES]);
void mask_free(struct mask *mask);

/* Is the field one of those that are hidden?  Then it must not be asked for either. */
bool mask_hides(const struct field *field);

/* The tail of a message is borrowed from *mask until the next one. */
void mask_record(struct mask *mask, struct record *record);

/* For query_look_through. */
struct query_lens mask_lens(struct mask *mask);

/* --- parts of it ---------------------------------------------------------------------- */

/* An empty text stays one. */
void mask_text(struct mask *mask, struct text t, char to[MASK_TEXT]);
/* An unspecified address stays one, and that of a trunk which a record before told of. */
struct address mask_address(const struct mask *mask, const struct address *address);

/* web/mask_words.c: what somebody typed.  Numbers of MASK_DIGITS digits and more, however
 * they are written, addresses, and words with an @ are hidden; others stay. */
enum { MASK_DIGITS = 6 };
void mask_add_words(struct mask *mask, struct text words, struct buffer *to);

/* web/mask_counts.c: JSON of ours with at most one member "sip", without the words in it
 * that strangers chose: methods that nobody knows. */
void mask_add_counts(struct mask *mask, struct text json, struct buffer *to);

/* web/mask_message.c: a SIP message, into *to. */
void mask_add_message(struct mask *mask, struct text message, struct buffer *to);
/* "INVITE", "180 Ringing"; "1 INVITE": those of them that everybody says. */
void mask_add_summary(struct mask *mask, struct text summary, struct buffer *to);
void mask_add_cseq(struct mask *mask, struct text cseq, struct buffer *to);

#endif
