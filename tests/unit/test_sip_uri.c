/* Forms: RFC 3261 section 19.1.3, RFC 3966 section 6, RFC 4475 section 3.1.1.13. */
#include "analyzer/wire/sip_uri.h"

#include "tests/unit/unit.h"

static const struct {
	const char *uri;
	bool good;
	const char *user, *host;
	uint16_t port;
	const char *params;
} uris[] = {
	{ "sip:alice@atlanta.com", true, "alice", "atlanta.com", 0, "" },
	{ "sip:alice:secretword@atlanta.com;transport=tcp", true, "alice", "atlanta.com", 0,
	  "transport=tcp" },
	{ "sips:alice@atlanta.com?subject=project%20x&priority=urgent", true, "alice",
	  "atlanta.com", 0, "" },
	{ "sip:+1-212-555-1212:1234@gateway.com;user=phone", true, "+1-212-555-1212",
	  "gateway.com", 0, "user=phone" },
	{ "sip:alice@192.0.2.4", true, "alice", "192.0.2.4", 0, "" },
	{ "sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com", true, "", "atlanta.com",
	  0, "method=REGISTER" },
	{ "sip:alice;day=tuesday@atlanta.com", true, "alice", "atlanta.com", 0, "" },
	{ "sip:bob@[2001:db8::9:1]:5080;ob", true, "bob", "2001:db8::9:1", 5080, "ob" },
	{ "sip:1234567890@198.18.0.1:5062", true, "1234567890", "198.18.0.1", 5062, "" },
	{ "tel:+1-201-555-0123", true, "+1-201-555-0123", "", 0, "" },
	{ "tel:7042;phone-context=example.com", true, "7042", "", 0,
	  "phone-context=example.com" },
	{ "sip:user@here@host", true, "user@here", "host", 0, "" },
	{ "sip:host:99999", true, "", "host", 0, "" },
	{ "sip:", false, "", "", 0, "" },
	{ "alice", false, "", "", 0, "" },
	{ "", false, "", "", 0, "" },
	{ ":x", false, "", "", 0, "" },
};

static void parts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(uris); i++) {
		struct sip_uri uri;
		if (sip_uri_read(text_from(uris[i].uri), &uri) != uris[i].good)
			fail_msg("%s: good or not", uris[i].uri);
		if (!text_equal(uri.user, text_from(uris[i].user)) ||
		    !text_equal(uri.host, text_from(uris[i].host)) ||
		    uri.port != uris[i].port ||
		    !text_equal(uri.params, text_from(uris[i].params)))
			fail_msg("%s: %.*s at %.*s port %u ; %.*s", uris[i].uri,
			         (int)uri.user.len, uri.user.at, (int)uri.host.len,
			         uri.host.at, uri.port, (int)uri.params.len, uri.params.at);
	}
}

static const struct {
	const char *uri, *telephone;
} telephones[] = {
	{ "tel:7042;phone-context=example.com", "7042;phone-context=example.com" },
	{ "tel:+1-201-555-0123", "+1-201-555-0123" },
	{ "sip:02079460123;phone-context=+44@gw.example;user=phone",
	  "02079460123;phone-context=+44" },
	{ "sip:+1-212-555-1212:1234@gateway.com;user=phone", "+1-212-555-1212" },
	{ "sip:gateway.com;user=phone", "" },
};

static void a_number_keeps_its_own_parameters(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(telephones); i++) {
		struct sip_uri uri;
		assert_true(sip_uri_read(text_from(telephones[i].uri), &uri));
		if (!text_equal(uri.telephone, text_from(telephones[i].telephone)))
			fail_msg("%s: %.*s", telephones[i].uri, (int)uri.telephone.len,
			         uri.telephone.at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts),
		cmocka_unit_test(a_number_keeps_its_own_parameters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
