/* audit.c - who did what, newest first. */
#include "web/handlers.h"

#include "web/record_json.h"

static void add_row(void *self, const struct audit *audit)
{
	struct numbered *page = self;
	struct buffer *to = page->to;
	if (!numbered_add(page))
		return;
	buffer_add_string(to, "{\"kind\":\"audit\"");
	json_add_name(to, "id");
	buffer_add_number(to, (uint64_t)audit->id);
	json_add_time(to, "at", audit->at);
	json_add_text(to, "who", audit->who);
	json_add_text(to, "way", audit->way);
	json_add_text(to, "address", audit->address);
	json_add_text(to, "action", audit->action);
	json_add_text(to, "subject", audit->subject);
	buffer_add_char(to, '}');
	numbered_added(page, audit->id);
}

bool handle_audit(struct exchange *x)
{
	struct numbered page;
	struct handler_times times = { x->request->now, 0, INT64_MAX, false };
	if (!numbered_read(&page, x) || !handler_read_times(x, &times))
		return false;
	numbered_begin(&page);
	if (auth_audit(x->site->auth, page.before, times.from, times.to, page.limit + 1,
	               add_row, &page) != OK)
		return problem_set(x->problem, 503, "no-accounts",
		                   "the accounts cannot be asked now");
	numbered_end(&page);
	return true;
}
