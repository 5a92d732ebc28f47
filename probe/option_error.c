#include "probe/option_error.h"

#include <err.h>
#include <stdarg.h>
#include <stdio.h>

bool option_refuse(struct option_error *error, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(error->text, sizeof error->text, format, arguments);
	va_end(arguments);
	return false;
}

bool option_said(const char *option, bool good, const struct option_error *error)
{
	if (!good)
		warnx("--%s: %s", option, error->text);
	return good;
}
