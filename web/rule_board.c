#include "web/rule_board.h"

#include <pthread.h>
#include <stdlib.h>

struct rule_board {
	pthread_mutex_t lock;
	struct rule_sheet sheet;
};

enum status rule_board_new(struct rule_board **out)
{
	struct rule_board *board = calloc(1, sizeof *board);
	if (!board)
		return ERR_NOMEM;
	pthread_mutex_init(&board->lock, NULL);
	*out = board;
	return OK;
}

void rule_board_free(struct rule_board *board)
{
	if (!board)
		return;
	pthread_mutex_destroy(&board->lock);
	free(board);
}

static bool has(const struct rule_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (text_equal(text_from(list->rules[i].name), text_from(name)))
			return true;
	return false;
}

void rule_board_hang(struct rule_board *board, const struct rule_list *rules,
                     const struct rule_list *own)
{
	pthread_mutex_lock(&board->lock);
	board->sheet.rules = *rules;
	for (size_t i = 0; i < rules->count; i++)
		board->sheet.own[i] = has(own, rules->rules[i].name);
	pthread_mutex_unlock(&board->lock);
}

void rule_board_copy(struct rule_board *board, struct rule_sheet *out)
{
	pthread_mutex_lock(&board->lock);
	*out = board->sheet;
	pthread_mutex_unlock(&board->lock);
}
