/*
 * g711.h - the two companding laws of ITU-T G.711 as tables: from the byte in the RTP
 * payload to a linear sample.
 *
 * Values are those of the standard on a scale of 16 bits: A-law's (13 bits) times 8,
 * mu-law's (14 bits) times 4.
 */
#ifndef EARSHOT_QUALITY_G711_H
#define EARSHOT_QUALITY_G711_H

#include <stdint.h>

enum {
	G711_ALAW_OVERLOAD = 4032 * 8, /* the largest magnitude that a code can stand for */
	G711_ULAW_OVERLOAD = 8031 * 4,
};

extern const int16_t g711_alaw[256];
extern const int16_t g711_ulaw[256];

#endif
