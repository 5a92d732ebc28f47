#include "web/sla_board.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct sla_board {
	pthread_mutex_t lock;
	struct sla_settings settings;
};

enum status sla_board_new(const struct sla_settings *settings, struct sla_board **out)
{
	struct sla_board *board = calloc(1, sizeof *board);
	if (!board)
		return ERR_NOMEM;
	pthread_mutex_init(&board->lock, NULL);
	board->settings = *settings;
	*out = board;
	return OK;
}

void sla_board_free(struct sla_board *board)
{
	if (!board)
		return;
	pthread_mutex_destroy(&board->lock);
	free(board);
}

void sla_board_hang(struct sla_board *board, const struct sla_settings *settings)
{
	pthread_mutex_lock(&board->lock);
	memcpy(board->settings.targets, settings->targets, sizeof settings->targets);
	memcpy(board->settings.windows, settings->windows, sizeof settings->windows);
	board->settings.window_count = settings->window_count;
	pthread_mutex_unlock(&board->lock);
}

void sla_board_copy(struct sla_board *board, struct sla_settings *out)
{
	pthread_mutex_lock(&board->lock);
	*out = board->settings;
	pthread_mutex_unlock(&board->lock);
}
