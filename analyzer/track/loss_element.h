/*
 * loss_element.h - what a fault in the network may lie at: an address, a site, a link
 * between two, in one direction or both.  Elements are known by hashes, their names.
 */
#ifndef EARSHOT_TRACK_LOSS_ELEMENT_H
#define EARSHOT_TRACK_LOSS_ELEMENT_H

#include <stdint.h>

enum { LOSS_ELEMENTS_OF_PATH = 12 };

/*
 * In the order of a path's list, the narrower before the wider; host and site are twice in
 * it, for both ends.
 */
enum loss_element_kind {
	LOSS_PATH,                   /* one address to another */
	LOSS_PAIR,                   /* two addresses, both ways */
	LOSS_HOST_OUT,               /* from an address */
	LOSS_HOST_IN,                /* to an address */
	LOSS_HOST,                   /* from or to it */
	LOSS_LINK = 6,               /* one site to another */
	LOSS_LINK_BOTH,              /* two sites, both ways */
	LOSS_SITE_OUT,               /* from a site */
	LOSS_SITE_IN,                /* to a site */
	LOSS_SITE,                   /* from or to it */
	LOSS_FIRST_SITE = LOSS_SITE, /* of two in the list */
};

/* The ends of a path as keyed hashes: of the addresses and of their sites; from, to. */
struct loss_ends {
	uint64_t host[2], site[2];
};

/* The kinds of that list. */
extern const enum loss_element_kind loss_element_kinds[LOSS_ELEMENTS_OF_PATH];

/* Names all elements of a path; 0 where one would be in the list twice. */
void loss_element_names(const struct loss_ends *ends,
                        uint64_t names[LOSS_ELEMENTS_OF_PATH]);

/* A well-mixed combination of two hashes, in that order. */
static inline uint64_t loss_mix(uint64_t a, uint64_t b)
{
	uint64_t x = a * UINT64_C(0x9e3779b97f4a7c15) + b;
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

#endif
