/*
 * number.h - telephone numbers as they are written in SIP, and what they are: E.164 where
 * the rules of the place allow to tell, and the names of what they lead to.
 *
 * +442071838750, 00442071838750, 442071838750, 02071838750 and 020-7183.8750;ext=12 are one
 * number where the operator says that the country code here is 44 and what is dialled
 * before others.  Where he says nothing, only what has a plus is known to be complete:
 * nothing is guessed.  RFC 3966 (forms and parameters), ITU-T E.164 (15 digits at most).
 */
#ifndef EARSHOT_MODEL_NUMBER_H
#define EARSHOT_MODEL_NUMBER_H

#include "analyzer/base/text.h"

enum {
	NUMBER_DIGITS = 24, /* room for a number or prefix, plus and NUL included */
	NUMBER_LABEL = 32,  /* room for a label, its NUL included */
	NUMBER_CODE = 8,    /* room for a country code or what is dialled before numbers */
	NUMBER_LEAST = 7,   /* digits; fewer are a short number */
	NUMBER_MOST = 15,   /* digits of E.164 */
	LIMIT_NUMBER_PREFIXES = 1000,
	LIMIT_SHORT_NUMBERS = 32, /* emergency */
};

struct number_prefix {
	char digits[NUMBER_DIGITS]; /* of E.164, without its plus */
	char label[NUMBER_LABEL];
};

struct number_plan {
	char country_code[NUMBER_CODE];         /* home; empty = not said */
	char national_prefix[NUMBER_CODE];      /* before national numbers: "0" */
	char international_prefix[NUMBER_CODE]; /* before country codes: "00" */
	char emergency[LIMIT_SHORT_NUMBERS][NUMBER_DIGITS];
	size_t emergency_count;
	struct number_prefix prefixes[LIMIT_NUMBER_PREFIXES];
	size_t prefix_count;
	char premium[LIMIT_NUMBER_PREFIXES][NUMBER_DIGITS]; /* prefixes, likewise */
	size_t premium_count;
};

/* 112 and 911, which 3GPP TS 22.101 10.1 makes emergency numbers everywhere; no more. */
void number_plan_default(struct number_plan *out);

/* How numbers are to be written on a trunk; how one is written. */
enum number_format {
	NUMBER_FORMAT_ANY,           /* of a number: as none of the others */
	NUMBER_FORMAT_E164,          /* +442071838750 */
	NUMBER_FORMAT_INTERNATIONAL, /* 442071838750 or the exit code before it */
	NUMBER_FORMAT_NATIONAL,      /* trunk prefix and national number: 02071838750 */
	NUMBER_FORMAT_COUNT
};
extern const char *const number_format_names[NUMBER_FORMAT_COUNT];

enum number_kind {
	NUMBER_NONE,   /* a name, nothing, or longer than any number */
	NUMBER_SHORT,  /* it means something where it is dialled: an extension, a service */
	NUMBER_LOCAL,  /* long enough for a subscriber, but of where cannot be told */
	NUMBER_GLOBAL, /* a whole number of E.164 */
};

struct number {
	char digits[NUMBER_DIGITS]; /* global: plus and country code first; otherwise as it
	                               was dialled; empty: none */
	enum number_kind kind;
	enum number_format written;
	bool emergency;
};

/*
 * `user`: the user part of a SIP URI or all of a TEL URI behind "tel:", with parameters
 * and escapes.  Of these, phone-context may say what the number lacks; an extension
 * (;ext=) is left out.  `format`: that of the trunk where it was seen, which tells what
 * could be two things; ANY where none is known.  `plan` may be NULL.
 */
void number_read(const struct number_plan *plan, enum number_format format,
                 struct text user, struct number *out);

/*
 * Is it written otherwise than `format` wants?  Names and short numbers may stand
 * anywhere, and where numbers are to be national, those of other countries may be
 * international.
 */
bool number_violates(const struct number_plan *plan, enum number_format format,
                     const struct number *number);

/*
 * The same number, written in two ways?  Two global ones by all their digits.  Where one
 * is not complete, its digits without what is dialled before them have to be the last of
 * the other's, and 7 at least: evidence, no proof.  Short ones by all their digits; names
 * never.
 */
bool number_match(const struct number *a, const struct number *b);

/*
 * What it leads to: "emergency"; the operator's label of the longest prefix, or "premium"
 * where one of those is longer; else the country.  NULL: not known.
 */
const char *number_label(const struct number_plan *plan, const struct number *number);
/* By the operator's list, or as +979, which E.164 has set aside for such numbers. */
bool number_is_premium(const struct number_plan *plan, const struct number *number);

#endif
