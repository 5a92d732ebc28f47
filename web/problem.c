#include "web/problem.h"

#include <stdarg.h>

#include "web/display.h"
#include "web/record_json.h"

bool problem_set(struct problem *problem, unsigned int status, const char *code,
                 const char *format, ...)
{
	va_list arguments;
	*problem = (struct problem){ .status = status, .code = code };
	va_start(arguments, format);
	vsnprintf(problem->detail, sizeof problem->detail, format, arguments);
	va_end(arguments);
	return false;
}

bool problem_in(struct problem *problem, const char *parameter, const char *code,
                const char *format, ...)
{
	va_list arguments;
	*problem = (struct problem){ .status = 400, .code = code };
	text_copy(problem->parameter, sizeof problem->parameter, text_from(parameter));
	va_start(arguments, format);
	vsnprintf(problem->detail, sizeof problem->detail, format, arguments);
	va_end(arguments);
	return false;
}

/* The reason phrase of a status that we use. */
static const char *problem_title(unsigned int status)
{
	static const struct {
		unsigned int status;
		const char *title;
	} titles[] = {
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 406, "Not Acceptable" },
		{ 411, "Length Required" },
		{ 413, "Content Too Large" },
		{ 414, "URI Too Long" },
		{ 415, "Unsupported Media Type" },
		{ 429, "Too Many Requests" },
		{ 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" },
		{ 503, "Service Unavailable" },
	};
	for (size_t i = 0; i < ARRAY_LEN(titles); i++) {
		if (titles[i].status == status)
			return titles[i].title;
	}
	return "Error";
}

static void add_string(struct buffer *to, const char *name, const char *value)
{
	json_add_name(to, name);
	display_json(to, text_from(value));
}

void problem_write(struct buffer *to, const struct problem *problem, uint64_t request)
{
	buffer_add_char(to, '{');
	add_string(to, "type", "about:blank");
	add_string(to, "title", problem_title(problem->status));
	json_add_name(to, "status");
	buffer_add_number(to, problem->status);
	add_string(to, "detail", problem->detail);
	json_add_name(to, "instance");
	buffer_format(to, "\"urn:earshot:request:%llx\"", (unsigned long long)request);
	add_string(to, "code", problem->code);
	if (problem->parameter[0])
		add_string(to, "parameter", problem->parameter);
	if (problem->column > 0) {
		json_add_name(to, "column");
		buffer_add_number(to, problem->column);
	}
	buffer_add_string(to, "}\n");
}
