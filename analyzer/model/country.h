/*
 * country.h - the countries and services behind E.164 numbers: the list of assigned
 * country codes of ITU-T Recommendation E.164 (annex to the ITU Operational Bulletin),
 * and the islands that have an area of +1 or +7 to themselves.
 */
#ifndef EARSHOT_MODEL_COUNTRY_H
#define EARSHOT_MODEL_COUNTRY_H

#include "analyzer/base/text.h"

struct country {
	char code[5];   /* digits that its numbers begin with */
	char name[28];  /* short, in English, ASCII */
	size_t calling; /* how many of these are the country code: 1 of "1242" */
};

/* Of the number with these digits, without its plus; NULL: no code is assigned there. */
const struct country *country_of(struct text digits);

#endif
