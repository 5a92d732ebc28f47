/*
 * rule_board.h - the rules of the configuration, for many threads to read while one may
 * hang up others.
 */
#ifndef EARSHOT_WEB_RULE_BOARD_H
#define EARSHOT_WEB_RULE_BOARD_H

#include "analyzer/model/rule.h"

struct rule_board;

/* ERR_NOMEM. */
MUST_CHECK enum status rule_board_new(struct rule_board **out);
void rule_board_free(struct rule_board *board); /* NULL is fine */

/* From now on these; own: those of them of which the file says something. */
void rule_board_hang(struct rule_board *board, const struct rule_list *rules,
                     const struct rule_list *own);

/* A copy of them. */
struct rule_sheet {
	struct rule_list rules;
	bool own[LIMIT_RULES];
};
void rule_board_copy(struct rule_board *board, struct rule_sheet *out);

#endif
