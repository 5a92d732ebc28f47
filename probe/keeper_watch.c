#include "probe/keeper_watch.h"

#include <err.h>
#include <poll.h>
#include <string.h>

#include "schema/utf8.h"

/* So much is read again, if need be more, when a run goes on: what is counted over long
 * times is whole then.  It takes some seconds. */
#define READ_AGAIN_BYTES (UINT64_C(1) << 30)
enum { READ_AGAIN_FILES = 4096, PATIENCE_MS = 5000 };

/* --- what the engine says ------------------------------------------------------------- */

static bool read_numbers(const struct link_frame *frame, uint64_t *numbers, size_t count)
{
	struct reader r = reader_of(frame->body);
	for (size_t i = 0; i < count; i++)
		numbers[i] = read_u64(&r);
	return !r.ran_out && r.rest.len == 0 && utf8_valid(text_of(frame->tail));
}

static enum status take_position(struct store_live *live, const struct link_frame *frame)
{
	uint64_t n[2];
	if (!read_numbers(frame, n, ARRAY_LEN(n)) || n[0] > INT64_MAX || n[1] > INT64_MAX)
		return ERR_MALFORMED;
	const struct watch_position position = { .number = frame->number,
		                                 .frames = n[0],
		                                 .steps = n[1] };
	return store_watch_position(live, &position);
}

static enum status take_begin(struct store_live *live, const struct link_frame *frame)
{
	uint64_t n[3];
	if (!read_numbers(frame, n, ARRAY_LEN(n)) || n[0] > INT64_MAX || n[1] > INT64_MAX ||
	    n[2] > INT64_MAX)
		return ERR_MALFORMED;
	const struct watch_step step = { .id = n[0], .place = n[1], .before = n[2] };
	return store_watch_begin(live, frame->number, &step);
}

static enum status take_end(struct store_live *live, const struct link_frame *frame)
{
	uint64_t n[4];
	if (!read_numbers(frame, n, ARRAY_LEN(n)) || n[0] > INT64_MAX || n[1] > INT64_MAX)
		return ERR_MALFORMED;
	const struct watch_end end = {
		.id = n[0],
		.frames = n[1],
		.last = (nstime)n[2],
		.needed = (nstime)n[3],
		.damage = text_of(frame->tail),
	};
	return store_watch_end(live, frame->number, &end);
}

bool keeper_watch_frame(struct store_live *live, const struct link_frame *frame,
                        enum status *status)
{
	switch (frame->kind) {
	case LINK_POSITION:
		*status = take_position(live, frame);
		return true;
	case LINK_FILE_BEGIN:
		*status = take_begin(live, frame);
		return true;
	case LINK_FILE_END:
		*status = take_end(live, frame);
		return true;
	case LINK_FINISHING:
		*status = store_watch_finishing(live, frame->number);
		return true;
	default:
		return false;
	}
}

/* --- what the parent asks ------------------------------------------------------------- */

bool keeper_watch_ask(struct keeper_watch *watch, const struct control *message)
{
	switch (message->kind) {
	case CONTROL_PLAN:
	case CONTROL_REOPEN:
	case CONTROL_KNOW:
	case CONTROL_GIVE_UP:
		if (watch->count < KEEPER_WATCH_ASKED)
			watch->asked[watch->count++] = *message;
		return true;
	default:
		return false;
	}
}

struct listener {
	int control;
	size_t files;
};

/* Answers are long, and the parent reads them as it finds time. */
static bool tell(int control, const struct control *message)
{
	for (;;) {
		const enum status status = control_send(control, message, -1);
		struct pollfd polled = { .fd = control, .events = POLLOUT };
		if (status == OK)
			return true;
		if (status != ERR_FULL || poll(&polled, 1, PATIENCE_MS) <= 0)
			return false;
	}
}

static bool tell_file(void *self, const struct watch_step *step)
{
	struct listener *listener = self;
	const struct control message = { .kind = CONTROL_PLAN_FILE, .step = *step };
	return listener->files++ < READ_AGAIN_FILES && tell(listener->control, &message);
}

static enum status answer_plan(struct store_live *live,
                               const struct monitor_options *options, int control)
{
	char description[MONITOR_DESCRIPTION];
	struct listener listener = { .control = control };
	struct control end = { .kind = CONTROL_PLAN_END };
	monitor_describe(options, description, sizeof description);
	enum status status = store_watch_find(live, description,
	                                      options->config->settings.sensor, &end.plan);
	end.number = status == OK;
	if (status == OK)
		status = store_watch_files(live, &end.plan, READ_AGAIN_BYTES, tell_file,
		                           &listener);
	if (status != OK && status != ERR_NOT_FOUND && status != ERR_FULL)
		return status;
	(void)tell(control, &end);
	return OK;
}

static enum status answer(struct store_live *live, const struct monitor_options *options,
                          int control, struct control *question)
{
	bool known = false;
	enum status status;
	switch (question->kind) {
	case CONTROL_PLAN:
		return answer_plan(live, options, control);
	case CONTROL_REOPEN:
		status = store_watch_reopen(live, &question->plan, question->number);
		break;
	case CONTROL_KNOW:
		status = store_watch_know(live, &question->step.file, &question->step.id,
		                          &known);
		question->number = known;
		break;
	default:
		status = store_watch_give_up(live, question->step.id);
		break;
	}
	if (status == OK)
		status = store_live_commit(live);
	if (status == OK && question->kind != CONTROL_GIVE_UP)
		(void)tell(control, question);
	return status;
}

enum status keeper_watch_answer(struct keeper_watch *watch, struct store_live *live,
                                const struct monitor_options *options, int control,
                                bool idle, bool *changed)
{
	enum status status = OK;
	while (watch->count && status == OK) {
		const uint32_t kind = watch->asked[0].kind;
		if ((kind == CONTROL_PLAN || kind == CONTROL_REOPEN) && !idle)
			return OK;
		*changed = true;
		status = answer(live, options, control, &watch->asked[0]);
		if (status == OK)
			memmove(&watch->asked[0], &watch->asked[1],
			        --watch->count * sizeof *watch->asked);
	}
	return status;
}
