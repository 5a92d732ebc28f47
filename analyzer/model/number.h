/*
 * number.h - telephone numbers: what the operator says of the numbers around here.
 */
#ifndef EARSHOT_MODEL_NUMBER_H
#define EARSHOT_MODEL_NUMBER_H

#include <stddef.h>

enum {
	NUMBER_DIGITS = 24, /* room for a prefix or short number, its NUL included */
	NUMBER_LABEL = 32,  /* room for a label, likewise */
	NUMBER_CODE = 8,    /* room for a country code or what is dialled before numbers */
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

#endif
