#include "probe/explain_kpi.h"

#include <err.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/model/kpi_definition.h"
#include "probe/options.h"
#include "web/display.h"
#include "web/record_json.h"

enum { FORMULA_SIZE = 128 };

static void add_line(struct buffer *to, const char *label, const char *text)
{
	if (*text)
		buffer_format(to, "    %-12s %s\n", label, text);
}

static void add_text(struct buffer *to, const struct kpi_definition *d, const char *formula)
{
	buffer_format(to, "%s%s%s%s  %s\n", d->name, *d->unit ? " [" : "", d->unit,
	              *d->unit ? "]" : "", d->title);
	add_line(to, "formula", formula);
	add_line(to, "numerator", d->numerator);
	add_line(to, "denominator", d->denominator);
	add_line(to, "source", d->source);
}

static void add_member(struct buffer *to, const char *name, const char *text)
{
	json_add_name(to, name);
	display_json(to, text_from(text));
}

static void add_json(struct buffer *to, const struct kpi_definition *d, const char *formula)
{
	buffer_add_char(to, '{');
	add_member(to, "name", d->name);
	add_member(to, "unit", d->unit);
	add_member(to, "title", d->title);
	add_member(to, "formula", formula);
	add_member(to, "numerator", d->numerator);
	add_member(to, "denominator", d->denominator);
	add_member(to, "source", d->source);
	buffer_add(to, TEXT("}\n"));
}

static void add(struct buffer *to, const struct kpi_definition *d, bool json)
{
	char formula[FORMULA_SIZE];
	kpi_formula(d, formula, sizeof formula);
	if (json)
		add_json(to, d, formula);
	else
		add_text(to, d, formula);
}

static bool add_named(struct buffer *to, const char *name, bool json)
{
	const struct kpi_definition *d = kpi_definition_find(text_from(name));
	if (d)
		add(to, d, json);
	else
		warnx("explain kpi: no figure is called '%s'; see earshot explain kpi",
		      name);
	return d;
}

int explain_kpi(int argc, char **argv)
{
	struct buffer out = { 0 };
	bool json = false;
	bool good = true;
	int names = 0;
	for (int i = 1; i < argc; i++)
		json |= strcmp(argv[i], "--json") == 0 || strcmp(argv[i], "-j") == 0;
	for (int i = 1; good && i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0 || strcmp(argv[i], "-j") == 0)
			continue;
		good = add_named(&out, argv[i], json);
		names++;
	}
	for (size_t i = 0; names == 0 && i < kpi_definition_count; i++)
		add(&out, &kpi_definitions[i], json);
	const bool written = good && buffer_write(&out, stdout);
	buffer_free(&out);
	if (!good)
		return EXIT_USAGE;
	return written ? options_flush_stdout() : EXIT_FAILURE;
}
