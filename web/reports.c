/*
 * reports.c - what a trunk delivered in a month, beside what was agreed on.
 */
#include "web/handlers.h"

#include <stdlib.h>

#include "schema/sla.h"
#include "web/sla_rows.h"

static bool read_by(struct exchange *x, bool *by_point)
{
	const struct text by = request_parameter(x->request, "by");
	*by_point = text_equal(by, TEXT("point"));
	return !by.at || *by_point ||
	       problem_in(x->problem, "by", "bad-value", "point is expected");
}

static bool read_request(struct exchange *x, struct sla_request *out)
{
	const struct text month = request_parameter(x->request, "month");
	*out = (struct sla_request){ .trunk = request_parameter(x->request, "trunk"),
		                     .now = x->request->now };
	if (out->trunk.len == 0)
		return problem_in(x->problem, "trunk", "bad-value",
		                  "the name of a trunk is expected");
	if (!sla_read_month(month, &out->year, &out->month))
		return problem_in(x->problem, "month", "bad-value",
		                  "a month is expected, as 2026-03");
	return read_by(x, &out->by_point);
}

static bool answer(struct exchange *x, struct sla_settings *settings)
{
	struct sla_request request;
	struct sla_report report;
	if (!read_request(x, &request))
		return false;
	sla_board_copy(x->site->sla, settings);
	request.settings = settings;
	const enum status status = sla_ask(x->query, &request, &report);
	if (status == OK && x->response->format == FORMAT_CSV)
		sla_add_csv(&x->response->body, &report, request.settings,
		            x->site->version);
	else if (status == OK)
		sla_add_json(&x->response->body, &report, request.settings,
		             x->site->version);
	sla_free(&report);
	if (status == ERR_NOT_FOUND)
		return problem_set(x->problem, 404, "no-such-trunk",
		                   "there is no trunk of that name");
	return status == OK || handler_failed(x);
}

bool handle_sla(struct exchange *x)
{
	struct sla_settings *settings = malloc(sizeof *settings);
	const bool done =
	        settings ? answer(x, settings)
	                 : problem_set(x->problem, 503, "no-memory", "memory ran out");
	free(settings);
	return done;
}
