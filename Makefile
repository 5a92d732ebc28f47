# Earshot: one Makefile, no recursion into folders.  `make help` lists what it can do.

BUILD  ?= build
# By one name, or what compilers write down of headers is of files that nobody asks for.
override BUILD := $(patsubst $(CURDIR)/%,%,$(BUILD))
CC     ?= cc
SAN    ?=
PREFIX ?= /usr/local

MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:
.PHONY: help all deps demo test check asan tsan fuzz soak lint format coverage bench install \
        uninstall clean unit

# --- flags -----------------------------------------------------------------------------

WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
           -Wmissing-prototypes -Wvla -Wundef -Wformat=2 -Wno-missing-field-initializers -Werror
HARDEN   = -fPIE -fstack-protector-strong -fstack-clash-protection -fcf-protection
OPTIMISE ?= -O3
# A packet crosses five files of the analyzer: across them, too, the compiler may inline.
# Fat objects, so that the many test programs link without it.
ifeq ($(SAN)$(findstring clang,$(CC)),)
LTO      ?= -flto=auto
endif
override CFLAGS  += -std=c17 -D_GNU_SOURCE -I. -g $(OPTIMISE) $(if $(LTO),$(LTO) -ffat-lto-objects) \
                    $(WARNINGS) -MMD -MP
override LDFLAGS += -Wl,--as-needed
ifeq ($(SAN),)
override CFLAGS  += $(HARDEN) -D_FORTIFY_SOURCE=2
override LDFLAGS += -pie -Wl,-z,relro,-z,now -Wl,-z,noexecstack
else
# _FORTIFY_SOURCE hides what the sanitizers look for.
override CFLAGS  += -fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all
override LDFLAGS += -fsanitize=$(SAN)
endif

LIBS      = -lmicrohttpd -lgnutls -lsodium -lpcap -lsqlite3 -lpcre2-8 -ljansson -lyaml -lndpi -lzstd -lz -lcap-ng \
            -lseccomp -lm
TEST_LIBS = -lcmocka $(LIBS)

# --- sources ---------------------------------------------------------------------------

analyzer_objects := $(patsubst %.c,$(BUILD)/%.o,$(wildcard analyzer/*.c analyzer/*/*.c))
web_objects      := $(patsubst %.c,$(BUILD)/%.o,$(wildcard web/*.c)) $(BUILD)/openapi.o \
                    $(BUILD)/assets.o
schema_objects   := $(patsubst %.c,$(BUILD)/%.o,$(wildcard schema/*.c)) $(BUILD)/migrations.o \
                    $(BUILD)/state_migrations.o $(BUILD)/blank_image.o
probe_objects    := $(patsubst %.c,$(BUILD)/%.o,$(filter-out probe/main.c,$(wildcard probe/*.c)))
libraries        := $(BUILD)/libprobe.a $(BUILD)/libweb.a $(BUILD)/libschema.a $(BUILD)/libanalyzer.a
unit_tests       := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c))
fuzz_sources     := $(wildcard tests/fuzz/fuzz_*.c)
replays          := $(patsubst tests/fuzz/fuzz_%.c,$(BUILD)/replay/%,$(fuzz_sources))
fuzzers          := $(patsubst tests/fuzz/fuzz_%.c,$(BUILD)/fuzz/%,$(fuzz_sources))
benches          := $(BUILD)/bench/generate $(BUILD)/bench/generate_sip $(BUILD)/bench/empty_loop \
                    $(BUILD)/bench/rules $(BUILD)/bench/send
c_files           = $(shell git ls-files '*.c' '*.h')

help:
	@echo 'make demo      install what is needed, build, analyse the captures in pcaps/, serve'
	@echo '               the dashboard over them on http://127.0.0.1:8080 (not with SERVE=0)'
	@echo 'make test      install what is needed, build, run every test'
	@echo 'make all       build $(BUILD)/earshot'
	@echo 'make deps      install the Debian packages that the build and the tests need'
	@echo 'make check     include directions, purity of the analyzer'
	@echo 'make asan      the whole test suite under AddressSanitizer and UBSan'
	@echo 'make tsan      the whole test suite under ThreadSanitizer'
	@echo 'make fuzz      every fuzz target for FUZZ_SECONDS (60) seconds'
	@echo 'make soak      kill -9 200 times, 10 minutes of load, signals 100 times, full disks,'
	@echo '               interfaces that come and go, clocks that are set, floods (as root)'
	@echo 'make lint      clang-format, clang-tidy, cppcheck, both compilers'
	@echo 'make format    apply clang-format'
	@echo 'make config-pages  the example and reference of the configuration, out of its table'
	@echo 'make coverage  line coverage of the tests'
	@echo 'make bench     speed and memory against an empty libpcap loop'
	@echo 'make install   into $$(DESTDIR)$(PREFIX); make uninstall takes it out again'

all: $(BUILD)/earshot

# --- what a Debian 12 needs ------------------------------------------------------------

PACKAGES = gcc make pkg-config git python3 libpcap-dev libsqlite3-dev sqlite3 libpcre2-dev \
           libjansson-dev libyaml-dev libndpi-dev libcap-ng-dev libseccomp-dev libzstd-dev zstd zlib1g-dev \
           gzip libxxhash-dev libcmocka-dev libmicrohttpd-dev libgnutls28-dev libsodium-dev openssl python3-jsonschema python3-yaml \
           clang libclang-rt-14-dev clang-format clang-tidy cppcheck man-db iproute2 tcpdump \
           node:nodejs npm:npm chromium

deps:
	@packaging/install-deps.sh $(PACKAGES)

# --- building --------------------------------------------------------------------------

$(BUILD)/earshot: $(BUILD)/probe/main.o $(libraries)
	$(CC) $(OPTIMISE) $(LTO) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/libanalyzer.a: $(analyzer_objects)
$(BUILD)/libschema.a: $(schema_objects)
$(BUILD)/libweb.a: $(web_objects)
$(BUILD)/libprobe.a: $(probe_objects)
$(BUILD)/lib%.a:
	@rm -f $@
	@gcc-ar rcs $@ $^

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c -o $@ $<

$(BUILD)/migrations.c: schema/embed.sh $(wildcard schema/migrations/*.sql)
	@mkdir -p $(@D)
	schema/embed.sh migrations $(sort $(wildcard schema/migrations/*.sql)) > $@
$(BUILD)/state_migrations.c: schema/embed.sh $(wildcard schema/state/*.sql)
	@mkdir -p $(@D)
	schema/embed.sh state_migrations $(sort $(wildcard schema/state/*.sql)) > $@
$(BUILD)/blank_image.c: schema/embed_blank.py schema/db.h $(wildcard schema/migrations/*.sql)
	@mkdir -p $(@D)
	schema/embed_blank.py schema/db.h $(sort $(wildcard schema/migrations/*.sql)) > $@
$(BUILD)/migrations.o $(BUILD)/state_migrations.o $(BUILD)/blank_image.o: $(BUILD)/%.o: $(BUILD)/%.c
	$(CC) $(CFLAGS) -c -o $@ $<

$(BUILD)/openapi.yaml: web/openapi.yaml web/openapi_records.py $(wildcard analyzer/model/record_*.c) \
                       $(wildcard schema/migrations/*.sql)
	@mkdir -p $(@D)
	web/openapi_records.py web/openapi.yaml > $@
$(BUILD)/openapi.c: web/embed.sh $(BUILD)/openapi.yaml
	web/embed.sh openapi_yaml $(BUILD)/openapi.yaml > $@
$(BUILD)/openapi.o: $(BUILD)/openapi.c
	$(CC) $(CFLAGS) -c -o $@ $<

# The pages: bundled, compressed, and as C.  The lock is for builds into several folders.
ui_sources := $(wildcard web/ui/*.html web/ui/*.svg web/ui/*.mjs web/ui/*.json web/ui/src/*.* \
                         web/ui/src/*/*.*)
web/ui/node_modules/.package-lock.json: web/ui/package-lock.json web/ui/package.json
	@flock web/ui web/ui/install.sh
$(BUILD)/assets.c: web/embed_assets.py web/ui/node_modules/.package-lock.json $(ui_sources)
	@mkdir -p $(@D)
	node web/ui/build.mjs $(BUILD)/ui
	web/embed_assets.py $(BUILD)/ui > $@
$(BUILD)/assets.o: $(BUILD)/assets.c
	$(CC) $(CFLAGS) -c -o $@ $<

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(libraries)
	$(CC) $(if $(LTO),-fno-lto) $(LDFLAGS) -o $@ $^ $(TEST_LIBS)
.PRECIOUS: $(BUILD)/tests/unit/%.o $(BUILD)/tests/fuzz/%.o

$(BUILD)/replay/%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/tests/fuzz/replay.o $(libraries)
	@mkdir -p $(@D)
	$(CC) $(if $(LTO),-fno-lto) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/bench/generate: tests/bench/generate.c $(wildcard tests/bench/*.h)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< -lm
$(BUILD)/bench/generate_sip: tests/bench/generate_sip.c $(wildcard tests/bench/*.h)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $<
$(BUILD)/bench/rules: tests/bench/rules.c $(BUILD)/libanalyzer.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(if $(LTO),-fno-lto) $(LDFLAGS) -o $@ $< $(BUILD)/libanalyzer.a -lm
$(BUILD)/bench/send: tests/bench/send.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< -lpcap
$(BUILD)/bench/empty_loop: tests/bench/empty_loop.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< -lpcap

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

# Of a build that is only a step on the way, warnings are all there is to read.
quietly = $(MAKE) -s $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))

# --- using it --------------------------------------------------------------------------

# vlan and qinq are the call of answered once more, with tags.
demo_captures = $(filter-out pcaps/vlan.pcap pcaps/qinq.pcap,$(sort $(wildcard pcaps/*.pcap)))
SERVE ?= 1
demo: deps
	+@$(quietly) all
	@rm -f $(BUILD)/demo.db $(BUILD)/demo.db-* $(BUILD)/demo.db.state
	$(BUILD)/earshot analyze --config pcaps/demo.yaml --messages --alerts --db $(BUILD)/demo.db $(demo_captures)
ifneq ($(SERVE),0)
	@echo
	@echo 'the dashboard, until it is interrupted:'
	@$(BUILD)/earshot serve --config pcaps/demo.yaml --db $(BUILD)/demo.db
endif

# --- testing ---------------------------------------------------------------------------

unit: $(unit_tests)

# Messages about alerts go to a real receiver.
PACKAGES += rsyslog rsyslog-gnutls rsyslog-relp

test: deps
	@echo building $(BUILD)
	+@$(quietly) all unit replays
	+@$(quietly) sanitized
	@BUILD=$(BUILD) tests/run.sh

.PHONY: replays sanitized
replays: $(replays)

# The hostile corpus is only worth its while under the sanitizers.
sanitized:
	@echo building build/asan
	+@$(quietly) BUILD=build/asan SAN=address,undefined OPTIMISE=-O1 all replays

check:
	@tests/check_includes.sh
	+@$(quietly) $(BUILD)/libanalyzer.a
	@tests/check_pure.sh $(BUILD)/libanalyzer.a

asan: deps
	@echo building build/asan
	+@$(quietly) BUILD=build/asan SAN=address,undefined OPTIMISE=-O1 all unit replays
	@BUILD=build/asan tests/run.sh

tsan: deps
	@echo building build/tsan
	+@$(quietly) BUILD=build/tsan SAN=thread OPTIMISE=-O1 all unit replays
	@BUILD=build/tsan tests/run.sh

FUZZ_SECONDS ?= 60
$(BUILD)/fuzz/%: $(BUILD)/tests/fuzz/fuzz_%.o $(libraries)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS)
.PHONY: fuzzers
fuzzers: $(fuzzers)
fuzz: deps
	@echo building build/fuzzing
	+@$(quietly) CC=clang BUILD=build/fuzzing SAN=fuzzer-no-link,address,undefined fuzzers
	@BUILD=build/fuzzing tests/fuzz/run.sh $(FUZZ_SECONDS)

bench: deps
	+@$(quietly) all $(benches)
	BUILD=$(BUILD) tests/bench/run.sh

soak: deps
	+@$(quietly) all
	EARSHOT=$(BUILD)/earshot tests/live/kills.py --rounds 200
	EARSHOT=$(BUILD)/earshot tests/live/soak.py --minutes 10 --load 10 --signals 100
	EARSHOT=$(BUILD)/earshot tests/live/test_hardening.py --full
	EARSHOT=$(BUILD)/earshot tests/live/test_clock_jumps.py --full
	EARSHOT=$(BUILD)/earshot tests/floods/test_live.py --full

lint: deps
	@tests/lint.sh

format:
	clang-format -i $(c_files)

# What the table of configuration keys says, as the files that are shipped.
.PHONY: config-pages
config-pages: all
	$(BUILD)/earshot config example > packaging/earshot.yaml
	$(BUILD)/earshot config reference > docs/configuration.md

coverage: deps
	@echo building build/coverage
	+@$(quietly) BUILD=build/coverage OPTIMISE=-O0 LTO= CFLAGS=--coverage \
		LDFLAGS=--coverage all unit replays
	@find build/coverage -name '*.gcda' -delete
	@BUILD=build/coverage tests/run.sh || true
	@tests/coverage.sh build/coverage

# --- installing ------------------------------------------------------------------------

install: all
	install -D -m 755 $(BUILD)/earshot $(DESTDIR)$(PREFIX)/bin/earshot
	install -D -m 644 docs/earshot.1 $(DESTDIR)$(PREFIX)/share/man/man1/earshot.1
	install -D -m 644 packaging/earshot.yaml \
		$(DESTDIR)$(PREFIX)/share/doc/earshot/earshot.yaml
	install -D -m 644 packaging/bash-completion/earshot \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/earshot
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	sed 's,@PREFIX@,$(PREFIX),' packaging/earshot.service \
		> $(DESTDIR)$(PREFIX)/lib/systemd/system/earshot.service
	chmod 644 $(DESTDIR)$(PREFIX)/lib/systemd/system/earshot.service
	install -D -m 644 packaging/earshot.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/earshot.conf
	install -D -m 644 packaging/earshot.tmpfiles $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/earshot.conf

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/lib/systemd/system/earshot.service \
		$(DESTDIR)$(PREFIX)/lib/sysusers.d/earshot.conf \
		$(DESTDIR)$(PREFIX)/lib/tmpfiles.d/earshot.conf
	rm -f $(DESTDIR)$(PREFIX)/bin/earshot $(DESTDIR)$(PREFIX)/share/man/man1/earshot.1 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/earshot \
		$(DESTDIR)$(PREFIX)/share/doc/earshot/earshot.yaml

clean:
	rm -rf build
