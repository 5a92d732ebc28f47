/*
 * sla_board.h - what was agreed on, as the configuration says it, for many threads to read
 * while one may hang up something else.
 */
#ifndef EARSHOT_WEB_SLA_BOARD_H
#define EARSHOT_WEB_SLA_BOARD_H

#include "schema/sla.h"

struct sla_board;

/* ERR_NOMEM. */
MUST_CHECK enum status sla_board_new(const struct sla_settings *settings,
                                     struct sla_board **out);
void sla_board_free(struct sla_board *board); /* NULL is fine */

/* Targets and maintenance from now on; the sensor stays who it is until it begins anew. */
void sla_board_hang(struct sla_board *board, const struct sla_settings *settings);

/* A copy of them. */
void sla_board_copy(struct sla_board *board, struct sla_settings *out);

#endif
