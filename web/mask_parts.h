/* mask_parts.h - for the files web/mask_*.c alone. */
#ifndef EARSHOT_WEB_MASK_PARTS_H
#define EARSHOT_WEB_MASK_PARTS_H

#include "web/mask.h"

enum { MASK_SMALL_NUMBER = 6 /* digits; longer ones may be a person's */ };

/* Is it one of the words, in upper or lower case? */
bool mask_is_one_of(struct text t, const char *const *words, size_t count);
bool mask_is_number(struct text t, size_t most_digits);
/* Is it what everybody says: the reason phrase of a standard, the name of a codec? */
bool mask_is_common(struct text t);
/* Its pseudonym. */
void mask_add_hidden(struct mask *mask, struct text t, struct buffer *to);

/* Do people write it in a number? */
bool mask_is_in_number(char c);
/* An address, with or without a port, masked; false: it is none, nothing was added. */
bool mask_add_address(const struct mask *mask, struct text word, struct buffer *to);

/* mask_sdp.c: without its line end. */
void mask_add_sdp_line(struct mask *mask, struct text line, struct buffer *to);

#endif
