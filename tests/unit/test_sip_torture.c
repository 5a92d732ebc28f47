/*
 * test_sip_torture.c - the torture messages of RFC 4475 and RFC 5118 and the suite of
 * NIST's JAIN-SIP, each decided by the text of its RFC; and every other hostile file, which
 * must do no harm.  They are not part of this project: EARSHOT_HOSTILE names their folder.
 */
#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/wire/sdp.h"
#include "analyzer/wire/sip.h"
#include "analyzer/wire/sip_frame.h"

#include "tests/unit/unit.h"

static const struct {
	const char *file;
	enum sip_fault fault;
	const char *call_id, *from, *to, *branch; /* NULL: not looked at */
	unsigned int vias;
} rfc4475[] = {
	/* clang-format off */
	{ "wsinv", SIP_FAULT_NONE, "wsinv.ndaksdj@192.0.2.1", "sip:jdrosen@example.com", "sip:vivekg@chair-dnrc.example.com", "390skdjuw", 3 },
	{ "intmeth", SIP_FAULT_NONE, "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{", "sip:mundane@example.com", "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com", "z9hG4bK-.!%66*_+`'~", 1 },
	{ "esc01", SIP_FAULT_NONE, "esc01.239409asdfakjkn23onasd0-3234", "sip:I%20have%20spaces@example.net", "sip:%75se%72@example.com", "z9hG4bKkdjuw", 1 },
	{ "escnull", SIP_FAULT_NONE, NULL, "sip:null-%00-null@example.com", NULL, NULL, 1 },
	{ "esc02", SIP_FAULT_NONE, NULL, "sip:resource@example.com", NULL, "z9hG4bK209%fzsnel234", 1 },
	{ "lwsdisp", SIP_FAULT_NONE, NULL, "sip:caller@example.com", "sip:user@example.com", NULL, 1 },
	{ "longreq", SIP_FAULT_NONE, NULL, NULL, NULL, "", 34 },
	{ "dblreq", SIP_FAULT_NONE, "dblreq.0ha0isndaksdj99sdfafnl3lk233412", NULL, NULL, NULL, 1 },
	{ "semiuri", SIP_FAULT_NONE, NULL, NULL, NULL, NULL, 1 },
	{ "transports", SIP_FAULT_NONE, "transports.kijh4akdnaqjkwendsasfdj", NULL, NULL, NULL, 5 },
	{ "mpart01", SIP_FAULT_NONE, NULL, NULL, NULL, NULL, 1 },
	{ "unreason", SIP_FAULT_NONE, NULL, "sip:user@example.com", NULL, NULL, 1 },
	{ "noreason", SIP_FAULT_NONE, NULL, NULL, NULL, NULL, 1 },
	{ "badinv01", SIP_FAULT_VIA, NULL, NULL, NULL, NULL, 1 },
	{ "clerr", SIP_FAULT_CONTENT_LENGTH, NULL, NULL, NULL, NULL, 1 },
	{ "ncl", SIP_FAULT_CONTENT_LENGTH, NULL, NULL, NULL, NULL, 1 },
	{ "scalar02", SIP_FAULT_CSEQ, NULL, NULL, NULL, NULL, 1 },
	{ "scalarlg", SIP_FAULT_CSEQ, NULL, NULL, NULL, NULL, 1 },
	{ "quotbal", SIP_FAULT_ADDRESS, NULL, NULL, NULL, NULL, 0 },
	{ "ltgtruri", SIP_FAULT_REQUEST_URI, NULL, NULL, NULL, NULL, 0 },
	{ "lwsruri", SIP_FAULT_REQUEST_URI, NULL, NULL, NULL, NULL, 0 },
	{ "lwsstart", SIP_FAULT_START_LINE, NULL, NULL, NULL, NULL, 0 },
	{ "trws", SIP_FAULT_START_LINE, NULL, NULL, NULL, NULL, 0 },
	{ "escruri", SIP_FAULT_REQUEST_URI, NULL, NULL, NULL, NULL, 0 },
	{ "baddate", SIP_FAULT_DATE, NULL, NULL, NULL, NULL, 1 },
	{ "regbadct", SIP_FAULT_ADDRESS, NULL, NULL, NULL, NULL, 1 },
	{ "badaspec", SIP_FAULT_ADDRESS, NULL, NULL, NULL, NULL, 1 },
	{ "baddn", SIP_FAULT_ADDRESS, NULL, NULL, NULL, NULL, 1 },
	{ "badvers", SIP_FAULT_VERSION, NULL, NULL, NULL, NULL, 0 },
	{ "mismatch01", SIP_FAULT_CSEQ, NULL, NULL, NULL, NULL, 0 },
	{ "mismatch02", SIP_FAULT_CSEQ, NULL, NULL, NULL, NULL, 0 },
	{ "bigcode", SIP_FAULT_STATUS_CODE, NULL, NULL, NULL, NULL, 0 },
	{ "badbranch", SIP_FAULT_NONE, NULL, NULL, NULL, "z9hG4bK", 1 },
	{ "insuf", SIP_FAULT_MISSING_HEADER, NULL, NULL, NULL, NULL, 1 },
	{ "unkscm", SIP_FAULT_NONE, NULL, NULL, NULL, NULL, 1 },
	{ "novelsc", SIP_FAULT_NONE, NULL, NULL, NULL, NULL, 1 },
	{ "unksm2", SIP_FAULT_NONE, NULL, "http://www.example.com", "isbn:2983792873", NULL, 1 },
	{ "bext01", SIP_FAULT_NONE, NULL, NULL, NULL, NULL, 1 },
	{ "invut", SIP_FAULT_NONE, NULL, NULL, NULL, NULL, 1 },
	{ "regaut01", SIP_FAULT_NONE, NULL, NULL, NULL, NULL, 1 },
	{ "multi01", SIP_FAULT_REPEATED_HEADER, NULL, NULL, NULL, NULL, 1 },
	{ "mcl01", SIP_FAULT_REPEATED_HEADER, NULL, NULL, NULL, NULL, 1 },
	{ "bcast", SIP_FAULT_NONE, NULL, NULL, NULL, "z9hG4bK1324923", 2 },
	{ "zeromf", SIP_FAULT_NONE, NULL, NULL, NULL, NULL, 1 },
	{ "cparam01", SIP_FAULT_NONE, NULL, NULL, NULL, NULL, 1 },
	{ "cparam02", SIP_FAULT_NONE, NULL, NULL, NULL, NULL, 1 },
	{ "regescrt", SIP_FAULT_NONE, NULL, NULL, NULL, NULL, 1 },
	{ "sdp01", SIP_FAULT_NONE, NULL, NULL, NULL, NULL, 1 },
	{ "inv2543", SIP_FAULT_NONE, NULL, "sip:+13035551111@ift.client.example.net;user=phone", "sip:+16505552222@ss1.example.net", "", 1 },
	/* clang-format on */
};

/* Of RFC 5118 one message alone is refused, section 4.2. */
static const char *const rfc5118[] = {
	"ipv6-good",
	"ipv6-bad",
	"port-ambiguous",
	"port-unambiguous",
	"via-received-param-with-delim",
	"via-received-param-no-delim",
	"ipv6-in-sdp",
	"mult-ip-in-header",
	"mult-ip-in-sdp",
	"ipv4-mapped-ipv6",
	"ipv6-bug-abnf-3-colons",
	"ipv6-correct-abnf-2-colons",
};

/* Where we do not agree with the name of a file of JAIN-SIP's suite. */
static const struct {
	const char *file, *reason;
} jsip_exceptions[] = {
	{ "006-reject.sip", "an unknown scheme is well formed (RFC 4475 section 3.3.2)" },
	{ "016-reject.sip",
	  "Expires is unreadable, so absent; the copies of To and CSeq agree" },
	{ "023-reject.sip", "an unknown method is well formed (RFC 3261 section 7.1)" },
	{ "053-reject.sip", "a Contact without scheme: the phone calls all the same" },
	{ "363-parse.sip",
	  "holds the suite's own markup <hex>20</hex> where a blank was meant" },
};

static const char *hostile(void)
{
	const char *folder = getenv("EARSHOT_HOSTILE");
	return folder ? folder : "../shared/hostile";
}

/* The bytes of a file, in memory of just that size; false when it is not there. */
static bool read_whole(const char *path, struct span *out)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		return false;
	fseek(file, 0, SEEK_END);
	const size_t len = (size_t)ftell(file);
	uint8_t *bytes = malloc(len ? len : 1);
	assert_non_null(bytes);
	rewind(file);
	assert_int_equal(fread(bytes, 1, len, file), len);
	fclose(file);
	*out = (struct span){ bytes, len };
	return true;
}

static bool read_hostile(const char *folder, const char *name, const char *ending,
                         struct span *out)
{
	char path[512];
	snprintf(path, sizeof path, "%s/%s/%s%s", hostile(), folder, name, ending);
	return read_whole(path, out);
}

static void expect(const char *file, const char *what, struct text is, const char *should)
{
	if (should && !text_equal(is, text_from(should)))
		fail_msg("%s: %s is \"%.*s\"", file, what, (int)is.len, is.at);
}

static void rfc_4475_is_obeyed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rfc4475); i++) {
		const char *file = rfc4475[i].file;
		struct span bytes;
		if (!read_hostile("rfc4475", file, ".dat", &bytes))
			fail_msg("%s is missing", file);
		struct sip_message m;
		enum sip_fault fault;
		(void)!sip_parse(bytes, SIP_DATAGRAM, &m, &fault);
		if (fault != rfc4475[i].fault)
			fail_msg("%s: %s", file, sip_fault_names[fault]);
		expect(file, "Call-ID", m.call_id, rfc4475[i].call_id);
		expect(file, "From", m.from.uri, rfc4475[i].from);
		expect(file, "To", m.to.uri, rfc4475[i].to);
		expect(file, "branch", m.via_branch, rfc4475[i].branch);
		if (m.via_count != rfc4475[i].vias)
			fail_msg("%s: %u Via values", file, m.via_count);
		free((void *)bytes.at);
	}
}

static void rfc_5118_is_obeyed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rfc5118); i++) {
		const enum sip_fault should = strcmp(rfc5118[i], "ipv6-bad")
		                                      ? SIP_FAULT_NONE
		                                      : SIP_FAULT_REQUEST_URI;
		struct span bytes;
		if (!read_hostile("rfc5118", rfc5118[i], ".dat", &bytes))
			fail_msg("%s is missing", rfc5118[i]);
		struct sip_message m;
		enum sip_fault fault;
		(void)!sip_parse(bytes, SIP_DATAGRAM, &m, &fault);
		if (fault != should)
			fail_msg("%s: %s", rfc5118[i], sip_fault_names[fault]);
		free((void *)bytes.at);
	}
}

static bool is_jsip_exception(const char *file)
{
	for (size_t i = 0; i < ARRAY_LEN(jsip_exceptions); i++)
		if (strcmp(file, jsip_exceptions[i].file) == 0)
			return true;
	return false;
}

static void the_suite_of_jain_sip_agrees(void **state)
{
	(void)state;
	char path[512];
	snprintf(path, sizeof path, "%s/jsip-torture", hostile());
	DIR *folder = opendir(path);
	assert_non_null(folder);
	size_t exceptions = 0;
	for (struct dirent *entry; (entry = readdir(folder));) {
		struct span bytes;
		if (entry->d_name[0] == '.')
			continue;
		assert_true(read_hostile("jsip-torture", entry->d_name, "", &bytes));
		struct sip_message m;
		enum sip_fault fault;
		const bool parsed = sip_parse(bytes, SIP_DATAGRAM, &m, &fault) == OK;
		const bool should = strstr(entry->d_name, "-parse") != NULL;
		const bool exception = is_jsip_exception(entry->d_name);
		if (parsed != (should != exception))
			fail_msg("%s: %s", entry->d_name, sip_fault_names[fault]);
		exceptions += exception;
		free((void *)bytes.at);
	}
	closedir(folder);
	assert_int_equal(exceptions, ARRAY_LEN(jsip_exceptions));
}

static size_t files;
static struct sdp sdp; /* too large for a stack */

/* Through every parser of text; what it holds does not matter, a sanitizer watches. */
static int run_file(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
	(void)info;
	(void)walk;
	struct span bytes;
	if (kind != FTW_F || !read_whole(path, &bytes))
		return 0;
	files++;
	for (enum sip_carrier carrier = SIP_DATAGRAM; carrier <= SIP_STREAM; carrier++) {
		struct sip_message m;
		enum sip_fault fault;
		struct text body;
		unsigned int dropped;
		if (sip_parse(bytes, carrier, &m, &fault) == OK &&
		    sip_find_sdp(&m, &body) == OK)
			(void)!sdp_parse(body, &sdp, &dropped);
	}
	const struct sip_frame frame = sip_frame_next(bytes);
	assert_true(frame.skip <= bytes.len && frame.len <= bytes.len - frame.skip);
	free((void *)bytes.at);
	return 0;
}

static void nothing_hostile_does_harm(void **state)
{
	(void)state;
	assert_int_equal(nftw(hostile(), run_file, 16, FTW_PHYS), 0);
	assert_true(files > 0);
}

int main(void)
{
	if (access(hostile(), R_OK) != 0) {
		printf("skipped: no folder %s with hostile files\n", hostile());
		return 0;
	}
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc_4475_is_obeyed),
		cmocka_unit_test(rfc_5118_is_obeyed),
		cmocka_unit_test(the_suite_of_jain_sip_agrees),
		cmocka_unit_test(nothing_hostile_does_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
