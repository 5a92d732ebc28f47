/* changing.c - what changes have in common: kept whole, noted, told why not. */
#include "web/handlers.h"

#include "web/display.h"
#include "web/record_json.h"

struct accounts *handler_begin_change(struct exchange *x)
{
	return auth_take(x->site->auth, x->problem);
}

bool handler_end_change(struct exchange *x, bool good, const char *action,
                        const char *subject)
{
	const struct auth_deed deed = { x->request, x->identity, action, subject };
	return auth_give(x->site->auth, good, &deed, x->problem);
}

bool handler_changed(struct exchange *x, enum status status, const char *what)
{
	switch (status) {
	case OK:
		return true;
	case ERR_NOT_FOUND:
		return problem_set(x->problem, 404, "no-such-name", "there is no such %s",
		                   what);
	case ERR_UNSUPPORTED:
		return problem_set(x->problem, 409, "exists", "there is such a %s already",
		                   what);
	case ERR_FULL:
		return problem_set(x->problem, 409, "too-many",
		                   "there are as many as there may be");
	default:
		problem_set(x->problem, 503, "no-accounts",
		            "what is kept beside the database cannot be changed now");
		x->problem->retry_s = 5;
		return false;
	}
}

void handler_add_words(struct exchange *x, const char *words, struct buffer *to)
{
	struct buffer hidden = { 0 };
	if (!x->mask) {
		display_json(to, text_from(words));
		return;
	}
	mask_add_words(x->mask, text_from(words), &hidden);
	to->failed |= hidden.failed;
	display_json(to, buffer_text(&hidden));
	buffer_free(&hidden);
}
