#include "schema/pattern.h"

#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* Of one match: what a sane expression needs on 256 octets is a thousandth of it. */
enum { STEPS_MAX = 20000, DEPTH_MAX = 200, HEAP_MAX_KIB = 256 };

struct pattern {
	pcre2_code *code;             /* owned */
	pcre2_match_data *match;      /* owned */
	pcre2_match_context *context; /* owned */
};

static enum status compile(struct pattern *pattern, struct text t, size_t *at,
                           char error[PATTERN_ERROR_MAX])
{
	int code = 0;
	const uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF |
	                         PCRE2_NEVER_BACKSLASH_C | PCRE2_NO_AUTO_CAPTURE |
	                         PCRE2_DOLLAR_ENDONLY;
	pattern->code = pcre2_compile((PCRE2_SPTR)t.at, t.len, options, &code, at, NULL);
	if (pattern->code)
		return OK;
	pcre2_get_error_message(code, (PCRE2_UCHAR *)error, PATTERN_ERROR_MAX);
	return ERR_MALFORMED;
}

enum status pattern_new(struct text t, struct pattern **out, size_t *at,
                        char error[PATTERN_ERROR_MAX])
{
	struct pattern *pattern = calloc(1, sizeof *pattern);
	if (!pattern)
		return ERR_NOMEM;
	const enum status status = compile(pattern, t, at, error);
	if (status != OK) {
		pattern_free(pattern);
		return status;
	}
	pattern->match = pcre2_match_data_create(1, NULL);
	pattern->context = pcre2_match_context_create(NULL);
	if (!pattern->match || !pattern->context) {
		pattern_free(pattern);
		return ERR_NOMEM;
	}
	pcre2_set_match_limit(pattern->context, STEPS_MAX);
	pcre2_set_depth_limit(pattern->context, DEPTH_MAX);
	pcre2_set_heap_limit(pattern->context, HEAP_MAX_KIB);
	*out = pattern;
	return OK;
}

void pattern_free(struct pattern *pattern)
{
	if (!pattern)
		return;
	pcre2_match_context_free(pattern->context);
	pcre2_match_data_free(pattern->match);
	pcre2_code_free(pattern->code);
	free(pattern);
}

bool pattern_matches(const struct pattern *pattern, struct text t)
{
	const PCRE2_SPTR at = (PCRE2_SPTR)(t.len ? t.at : "");
	return pcre2_match(pattern->code, at, t.len, 0, 0, pattern->match,
	                   pattern->context) >= 0;
}
