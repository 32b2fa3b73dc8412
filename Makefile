# countermark: one Makefile, non-recursive, out of tree. `make help` lists the goals.
#
# Files are the registry: a variant, collector, command, report, plan, event group or test is found because its file exists.
# A file's first comment may hold `cflags:`, `libs:` and `needs:` (see harness/registry.sh).
#
# Variables: BUILD=folder CC= CFLAGS= LDFLAGS= WERROR=1 SANITIZE=1 PREFIX= DESTDIR= EXTRA=folder with more plug-ins
# Switches:  PAPI= OPENMP= VALGRIND= CUDA= MPI=   empty: used if it is there; 1: fail if it is missing; 0: off
# CUDA:      NVCC=compiler CUDA_ARCHS="80 90" (empty: all that nvcc knows) NVCCFLAGS= (see harness/cuda.sh)

BUILD ?= build
PREFIX ?= /usr/local
VERSION := 0.1.0
override EXTRA := $(patsubst %/,%,$(EXTRA))
GOALS ?= $(or $(MAKECMDGOALS),all)
.DEFAULT_GOAL := all
.SUFFIXES:
MAKEFLAGS += -r --no-print-directory

# Several goals run one after the other, each in a make of its own, `deps` first: so the probes see what `deps` has installed,
# and -j never lets `clean` or `deps` race a build.
ifneq ($(word 2,$(MAKECMDGOALS)),)
.PHONY: $(MAKECMDGOALS) in-order
$(sort $(MAKECMDGOALS)): in-order ; @:
in-order:
	+@for goal in $(filter deps,$(MAKECMDGOALS)) $(filter-out deps,$(MAKECMDGOALS)); do \
	    $(MAKE) GOALS='$(MAKECMDGOALS)' $$goal || exit; done
else

comma := ,

# ---- tools and probes -----------------------------------------------------------------------------------------------------
ifneq ($(filter default undefined,$(origin CC)),)
CC := gcc
endif
ifneq ($(filter default undefined,$(origin AR)),)
AR := ar
endif
PKG_CONFIG ?= pkg-config
OBJDUMP ?= objdump
STRIP ?= strip
CLANG_FORMAT ?= clang-format
CFLAGS ?= $(if $(filter 1,$(SANITIZE)),-O1 -g,-O2 -g)
LIBRARIES := hwloc jansson nettle sqlite3 yaml-0.1

# $(call compiles,FLAGS,PROGRAM): "yes" if the compiler makes a program of it.
compiles = $(shell t=$$(mktemp) && echo '$(2)' | $(CC) $(1) -x c - -o $$t >/dev/null 2>&1 && echo yes; rm -f "$$t")
# $(call packaged,NAME): "yes" if pkg-config knows it.
packaged = $(shell $(PKG_CONFIG) --exists $(1) 2>/dev/null && echo yes)
# $(call accepted,FLAGS): those that the compiler knows.
accepted = $(foreach f,$(1),$(if $(shell echo 'int x;' | $(CC) -Werror $(f) -x c - -c -o /dev/null 2>&1 || echo no),,$(f)))

$(foreach s,PAPI OPENMP VALGRIND CUDA MPI,$(if $(filter-out 0 1,$($s)),\
    $(error $s=$($s) is no switch: 0 is off, 1 fails if it is missing, and without it what is found is used)))

# $(call switch,NAME,WORD,FOUND,PACKAGE,TITLE): sets have-WORD, and why-WORD if it is off; a missing library that was asked for is a
# complaint, said when something is compiled.
define switch
ifeq ($$($(1)),0)
why-$(2) := built without $(5) ($(1)=0)
else ifeq ($(3),yes)
have-$(2) := yes
else
why-$(2) := built without $(5) (not found; install $(4))
ifneq ($$($(1)),)
complaints += "$(1)=1 was asked for, but it was not found: install $(4), or leave out $(1)=1."
endif
endif
off := $$(off)$$(if $$(why-$(2)),|$(2)=$$(why-$(2)))
shown += "$(1): $$(if $$(have-$(2)),yes,no; $$(why-$(2)))"
endef

# $(call cuda-switch,WORD,TITLE,REASON): likewise for the two halves of CUDA, which harness/cuda.sh has looked for: nvcc, for .cu
# files, and the headers with CUPTI's, for what else says `needs: cuda`.
define cuda-switch
ifeq ($(CUDA),0)
why-$(1) := built without CUDA (CUDA=0)
else ifeq ($(3),)
have-$(1) := yes
else
why-$(1) := built without $(2) ($(3))
ifneq ($(CUDA),)
complaints += "CUDA=1 was asked for, but $(3)$(comma) or leave out CUDA=1."
endif
endif
off := $$(off)$$(if $$(why-$(1)),|$(1)=$$(why-$(1)))
endef

unprobed := clean deps format help
ifneq ($(filter-out $(unprobed),$(or $(MAKECMDGOALS),all)),)
missing := $(strip $(foreach l,$(LIBRARIES),$(if $(call packaged,$(l)),,$(l))))
complaints := $(if $(missing),"Needed but not found by $(PKG_CONFIG): $(missing). Run: make deps")
shown :=
$(eval $(call switch,PAPI,papi,$(if $(filter 0,$(PAPI)),,$(call packaged,papi)),libpapi-dev,PAPI))
$(eval $(call switch,OPENMP,openmp,$(if $(filter 0,$(OPENMP)),,$(call compiles,-fopenmp -include omp.h,\
    int main(void) { return omp_get_max_threads() < 1; })),libgomp1; clang: libomp-dev,OpenMP))
$(eval $(call switch,VALGRIND,valgrind,$(if $(filter 0,$(VALGRIND)),,$(call compiles,-include valgrind/callgrind.h,\
    int main(void) { return 0; })),valgrind,valgrind))
ifneq ($(CUDA),0)
looked := $(shell mkdir -p $(BUILD)/cuda && t=$$(mktemp $(BUILD)/cuda/found.XXXXXX) && { \
    CC='$(CC)' NVCC='$(NVCC)' CUDA_ARCHS='$(CUDA_ARCHS)' sh harness/cuda.sh $(BUILD)/cuda >$$t && \
    mv $$t $(BUILD)/cuda/found.mk || { echo failed; rm -f $$t; }; })
ifneq ($(looked),)
$(error harness/cuda.sh failed (see above))
endif
include $(BUILD)/cuda/found.mk
$(BUILD)/cuda/found.mk: ;
endif
$(eval $(call cuda-switch,nvcc,CUDA,$(nvcc-why)))
$(eval $(call cuda-switch,cuda,CUPTI,$(cupti-why)))
nvcc-shown := $(nvcc) $(nvcc-version)$(if $(nvcc-host), with $(lastword $(nvcc-host))) for $(nvcc-archs)
shown += "CUDA: $(if $(have-nvcc),yes; $(nvcc-shown),no; $(why-nvcc))"
cupti-shown := headers in $(cupti)$(comma) library in $(or $(cupti-library),the search path)
shown += "CUPTI: $(if $(have-cuda),yes; $(cupti-shown),no; $(why-cuda))"
$(eval $(call switch,MPI,mpi,$(if $(filter 0,$(MPI)),,$(call packaged,ompi-c)),libopenmpi-dev,MPI))
library-cflags := $(shell $(PKG_CONFIG) --cflags $(LIBRARIES) 2>/dev/null)
library-libs := $(shell $(PKG_CONFIG) --libs $(LIBRARIES) 2>/dev/null)
align := $(call accepted,-falign-functions=64 -falign-loops=64)
endif

# ---- flags ----------------------------------------------------------------------------------------------------------------
warnings := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wvla -Wwrite-strings -Wmissing-prototypes -Wpointer-arith \
    -Wformat=2 -Wundef $(if $(filter 1,$(WERROR)),-Werror)
sanitize := $(if $(filter 1,$(SANITIZE)),-fsanitize=address -fsanitize=undefined -fno-sanitize-recover=all \
    -fno-omit-frame-pointer)
# valgrind before 3.20 gives up on the DWARF 5 that clang writes.
debug := $(if $(filter -g,$(CFLAGS)),$(if $(findstring clang,$(shell $(CC) --version 2>/dev/null)),-gdwarf-4))
all-cflags := -std=c11 -D_GNU_SOURCE $(warnings) -pthread $(CFLAGS) $(debug) $(sanitize) $(library-cflags)
# Code that is measured: no contraction that would change bits, and loops and functions where an edit elsewhere cannot move them.
variant-cflags := -ffp-contract=off $(align)
# nvcc's C++ side: headers reach the host compiler as part of the file, so what they hold and a file does not use is no mistake.
nvcc-host-flags := -fPIC $(if $(filter 1,$(SANITIZE)),-g $(sanitize) -fno-sanitize=vptr)
nvcc-warnings := -Wall -Wextra -Wno-unused-function -Wvla -Wwrite-strings -Wpointer-arith -Wformat=2 \
    $(if $(filter 1,$(WERROR)),-Werror)
blank := $(subst ,, )
to-host = -Xcompiler $(subst $(blank),$(comma),$(strip $(1)))
all-nvccflags := -std=c++20 -O3 $(nvcc-flags) $(if $(filter 1,$(WERROR)),-Werror all-warnings) \
    $(call to-host,$(nvcc-host-flags) $(nvcc-warnings)) $(NVCCFLAGS)
all-ldflags := -pthread $(CFLAGS) $(sanitize) $(LDFLAGS)
all-libs = $(sort $(foreach s,$(SOURCES) $(EXTRA_SOURCES),$(libs-$(s)))) $(library-libs) -lm

# ---- what is there --------------------------------------------------------------------------------------------------------
source-patterns := harness/*.c harness/base/*.c variants/*/*.c collectors/*.c db/*.c reports/*.c reports/analysis/*.c
asset-patterns := db/schema/*.sql collectors/groups/*.txt harness/plans/*.plan reports/*.gp
cuda-patterns := variants/*/*.cu
SOURCES := $(sort $(wildcard $(source-patterns)))
CUDA_SOURCES := $(sort $(wildcard $(cuda-patterns)))
ASSETS := $(sort $(wildcard $(asset-patterns)))
EXTRA_SOURCES := $(if $(EXTRA),$(sort $(wildcard $(addprefix $(EXTRA)/,$(source-patterns)))))
EXTRA_CUDA_SOURCES := $(if $(EXTRA),$(sort $(wildcard $(addprefix $(EXTRA)/,$(cuda-patterns)))))
EXTRA_ASSETS := $(if $(EXTRA),$(sort $(wildcard $(addprefix $(EXTRA)/,$(asset-patterns)))))
# tests/unit/*.c: one program each, linked with everything but main.c. tests/tools/*.c: helpers of tests, on their own;
# tests/tools/lib*.c become shared objects. tests/bench/*.c: like unit, run by `make bench`.
UNIT := $(sort $(wildcard tests/unit/*.c))
BENCH := $(sort $(wildcard tests/bench/*.c))
TOOLS := $(sort $(wildcard tests/tools/*.c))

program := $(BUILD)/countermark
objects := $(SOURCES:%.c=$(BUILD)/%.o) $(EXTRA_SOURCES:$(EXTRA)/%.c=$(BUILD)/extra/%.o) \
    $(CUDA_SOURCES:%.cu=$(BUILD)/%.o) $(EXTRA_CUDA_SOURCES:$(EXTRA)/%.cu=$(BUILD)/extra/%.o)
# A .cu file is compiled twice: as C for its row in the table, by nvcc into a module, which goes into the program as it is.
modules := $(if $(have-nvcc),$(CUDA_SOURCES:%.cu=$(BUILD)/modules/%.so) \
    $(EXTRA_CUDA_SOURCES:$(EXTRA)/%.cu=$(BUILD)/modules/extra/%.so))
generated := $(addprefix $(BUILD)/registry_,tables.o codes.o modules.o module_bytes.o)
library := $(BUILD)/libcountermark.a
unit-programs := $(UNIT:%.c=$(BUILD)/%)
bench-programs := $(BENCH:%.c=$(BUILD)/%)
tool-programs := $(patsubst %.c,$(BUILD)/%,$(filter-out tests/tools/lib%,$(TOOLS)))
tool-libraries := $(patsubst %.c,$(BUILD)/%.so,$(filter tests/tools/lib%,$(TOOLS)))

ifneq ($(filter-out $(unprobed),$(or $(MAKECMDGOALS),all)),)
# Each file's own flags, from its first comment. Replaced only if different, by renaming: makes may run side by side. What was
# compiled with other flags of its own goes.
scan := $(shell mkdir -p $(BUILD) && t=$$(mktemp $(BUILD)/flags.XXXXXX) && { \
    OFF='$(off)' EXTRA='$(EXTRA)' CUDA_CFLAGS='$(cupti-cflags)' sh harness/registry.sh flags $(SOURCES) $(EXTRA_SOURCES) \
        $(CUDA_SOURCES) $(EXTRA_CUDA_SOURCES) $(UNIT) $(BENCH) $(TOOLS) >$$t && \
    { cmp -s $$t $(BUILD)/flags.mk || { { [ ! -e $(BUILD)/flags.mk ] || diff $(BUILD)/flags.mk $$t; } | \
        sed -n 's|^[<>] [a-z]*flags-\(.*\)\.[a-z]* := .*|\1|p' | sed 's|^$(or $(EXTRA),/)/|extra/|' | \
        while read -r f; do rm -f $(BUILD)/$$f.o $(BUILD)/modules/$$f.o; done && mv $$t $(BUILD)/flags.mk; }; } || \
    echo failed; rm -f $$t; })
ifneq ($(scan),)
$(error a file's leading comment has a mistake (see above))
endif
-include $(BUILD)/flags.mk
endif

# ---- build ----------------------------------------------------------------------------------------------------------------
.PHONY: all objects layouts show deps test bench lint format install clean help nightly required emulated plugged bare FORCE
all: $(program) $(BUILD)/countermark.1
objects: $(objects)

required:
	@for sentence in $(complaints); do echo "$$sentence" >&2; failed=1; done; test -z "$$failed"

# $(call replace,COMMAND): runs it into the target, which is touched only if its content changes.
replace = @mkdir -p $(@D) && { $(1); } >$@.new || { rm -f $@.new; exit 1; }; \
    if cmp -s $@.new $@; then rm -f $@.new; else mv $@.new $@; fi

# Compiler and flags: everything is compiled anew when they change.
$(BUILD)/flags.stamp: FORCE
	$(call replace,printf '%s\n' '$(CC) $(all-cflags) $(variant-cflags)' '$(all-ldflags)')

# Likewise for nvcc, whose version may change without its name.
$(BUILD)/nvcc.stamp: FORCE
	$(call replace,printf '%s\n' '$(nvcc) $(nvcc-version) $(all-nvccflags)')

compile = @mkdir -p $(@D) && echo "  CC    $<" && \
    $(CC) $(all-cflags) $(if $(filter $(BUILD)/variants/% $(BUILD)/extra/variants/%,$@),$(variant-cflags)) $(1) $(cflags-$<) \
    -MMD -MP -c $< -o $@

$(objects) $(generated): $(BUILD)/flags.stamp | required
$(BUILD)/flags.mk: ;

$(BUILD)/%.o: %.c
	$(call compile)
# A plug-in from elsewhere includes what one of ours would: relative to its place in the layout.
$(BUILD)/extra/%.o: $(EXTRA)/%.c
	$(call compile,-I. -I$(dir $*) -Ivariants/null -ffile-prefix-map=$(EXTRA)/=)
$(BUILD)/registry_%.o: $(BUILD)/registry_%.c
	@$(CC) $(all-cflags) -I. -MMD -MP -c $< -o $@

# The row of a .cu file, and its module.
$(BUILD)/%.o: %.cu
	$(call compile,-x c)
$(BUILD)/extra/%.o: $(EXTRA)/%.cu
	$(call compile,-x c -I. -I$(dir $*) -Ivariants/null -ffile-prefix-map=$(EXTRA)/=)
cuda-compile = @mkdir -p $(@D) && echo "  NVCC  $<" && $(nvcc) $(all-nvccflags) $(1) $(nvflags-$<) \
    -MMD -MP -MF $(@:.o=.d) -c $< -o $@
$(modules:.so=.o): $(BUILD)/nvcc.stamp | required
$(BUILD)/modules/%.o: %.cu
	$(call cuda-compile)
$(BUILD)/modules/extra/%.o: $(EXTRA)/%.cu
	$(call cuda-compile,-I. -I$(dir $*) -Ivariants/null)
.PRECIOUS: $(BUILD)/modules/%.o
$(BUILD)/modules/%.so: $(BUILD)/modules/%.o
	@$(nvcc) -shared $(nvcc-host) $(call to-host,$(nvcc-host-flags)) $< -o $@.new && $(STRIP) --strip-unneeded $@.new && mv $@.new $@

$(BUILD)/registry_modules.c: $(modules) $(BUILD)/nvcc.stamp harness/registry.sh
	$(call replace,CUDA='$(if $(have-nvcc),$(nvcc-version))' sh harness/registry.sh modules $(modules))
$(BUILD)/registry_module_bytes.S: $(modules) $(BUILD)/nvcc.stamp harness/registry.sh
	$(call replace,sh harness/registry.sh module_bytes $(modules))
$(BUILD)/registry_module_bytes.o: $(BUILD)/registry_module_bytes.S $(modules)
	@$(CC) $(CFLAGS) -c $< -o $@

table-files := $(SOURCES) $(EXTRA_SOURCES) $(CUDA_SOURCES) $(EXTRA_CUDA_SOURCES) $(ASSETS) $(EXTRA_ASSETS)
$(BUILD)/registry_tables.c: FORCE $(table-files) harness/registry.sh
	$(call replace,OFF='$(off)' EXTRA='$(EXTRA)' sh harness/registry.sh tables $(table-files))

$(BUILD)/registry_codes.c: $(filter $(BUILD)/variants/% $(BUILD)/extra/variants/%,$(objects)) $(modules:.so=.o) \
    $(BUILD)/flags.stamp harness/registry.sh
	$(call replace,BUILD='$(BUILD)' VERSION='$(VERSION)' COMPILER="$$($(CC) --version | head -n 1)" OBJDUMP='$(OBJDUMP)' \
	    FLAGS='$(strip $(CFLAGS) $(sanitize) $(variant-cflags))' \
	    sh harness/registry.sh codes $(filter %.o,$^))

$(program): $(objects) $(generated)
	@echo "  LINK  $@"
	@$(CC) $(all-ldflags) $(objects) $(generated) $(all-libs) -o $@

$(BUILD)/countermark.1: $(program)
	$(call replace,$(program) help --man)

$(library): $(filter-out $(BUILD)/harness/main.o,$(objects)) $(generated)
	@rm -f $@ && $(AR) rcsD $@ $^

# ---- programs of tests ----------------------------------------------------------------------------------------------------
test-program = @mkdir -p $(@D) && echo "  TEST  $<" && \
    $(CC) $(all-cflags) -I. $(cflags-$<) -MMD -MP -MF $@.d $(all-ldflags) $< $(1) $(libs-$<) -o $@
$(unit-programs) $(bench-programs): $(BUILD)/%: %.c $(library) $(BUILD)/flags.stamp | required
	$(call test-program,$(library) $(all-libs) -lcmocka)
$(tool-programs): $(BUILD)/%: %.c $(BUILD)/flags.stamp | required
	$(call test-program)
$(tool-libraries): $(BUILD)/%.so: %.c $(BUILD)/flags.stamp | required
	$(call test-program,-shared -fPIC)

# The program again, for tests: with the variants for GPUs emulated on the CPU, with variants that misbehave, and with every switch
# off. Objects that have no flags of their own are taken from this build, with the note of the flags of all, which they must not be
# older than; modules if the compiler is the same.
once-more = +@mkdir -p $(BUILD)/$@ && objects=$$(grep -L -E '(cflags|needs):' $(SOURCES) | sed 's/c$$/o/') && (cd $(BUILD) && \
    cp -au --parents -t $@ flags.stamp $(if $(filter %/nvcc_on_cpu,$(nvcc)),nvcc.stamp modules) $$objects) && \
    $(MAKE) BUILD='$(BUILD)/$@' TESTS= $(1) $(BUILD)/$@/countermark
emulated: all
	$(call once-more,EXTRA=tests/plugins_gpu NVCC=tests/tools/nvcc_on_cpu CUDA=)
plugged: all
	$(call once-more,EXTRA=tests/plugins CUDA=0)
bare: all
	$(call once-more,EXTRA= PAPI=0 OPENMP=0 VALGRIND=0 CUDA=0 MPI=0)

# ---- goals ----------------------------------------------------------------------------------------------------------------
help:
	@echo 'make deps      installs what is needed (Debian, Ubuntu); with test, lint or bench also what those need'
	@echo 'make           builds $(program)'
	@echo 'make nightly   measures, reports and checks with the nightly plan'
	@echo 'make test      all tests; make test AREAS="unit cli" only these; make test TESTS="tests/cli/x.sh" only this'
	@echo 'make bench     what the program costs, and how fast the variants are (minutes; wants a quiet machine)'
	@echo 'make layouts   N=5: as many programs of the same code in other places, for doctor --layout'
	@echo 'make lint      layers, sizes, format, clang-tidy, cppcheck'
	@echo 'make format    lays the code out'
	@echo 'make show      what was found, and the flags'
	@echo 'make install   PREFIX=/usr/local DESTDIR='
	@echo 'make clean     removes $(BUILD)'

show:
	@for line in $(shown); do echo "$$line"; done
	@echo "libraries: $(foreach l,$(LIBRARIES),$(l)$(if $(filter $(l),$(missing)), (missing)))"
	@echo "CC: $(CC) ($$($(CC) --version | head -n 1))"
	@echo "flags: $(all-cflags)"
	@echo "flags of variants: $(variant-cflags)"
	@echo "flags of modules: $(if $(have-nvcc),$(all-nvccflags))"
	@echo "own flags:"
	@sed -n -e 's/^cflags-/    /p' -e 's/^nvflags-\(.*\):=/    \1by nvcc:=/p' $(BUILD)/flags.mk

deps:
	@CUDA='$(CUDA)' NVCC='$(NVCC)' sh harness/deps.sh $(GOALS) $(if $(filter 1,$(MPI)),mpi)

# The normal build stays as it is.
layouts: all
	@CC='$(CC)' sh harness/layouts.sh '$(BUILD)/layouts' '$(or $(N),5)' '$(all-ldflags)' '$(strip $(all-libs))' $(objects) $(generated)

nightly: all
	$(program) nightly $(PLAN)

AREAS ?= unit cli fault conform golden truth lint
# Variables of the command line are in the environment too: a make within a test builds as this one does.
in-tests = TOP='$(CURDIR)' BUILD='$(abspath $(BUILD))' COUNTERMARK='$(abspath $(program))' CC='$(CC)' \
    MAKE_COMMAND='$(MAKE)'
test-files = $(or $(TESTS:tests/unit/%.c=$(BUILD)/tests/unit/%),$(foreach a,$(AREAS),$(if $(filter unit,$(a)),$(unit-programs),$(sort $(wildcard tests/$(a)/*.sh)))))

# $(call asked-for,PATTERN,GOAL): one of those programs, if a test names it.
asked-for = $(if $(filter test,$(MAKECMDGOALS)),$(if $(shell grep -l -E '$(1)' $(filter %.sh,$(test-files)) /dev/null),$(2)))

test: all $(filter $(unit-programs),$(test-files)) $(tool-programs) $(tool-libraries) \
    $(call asked-for,standin_begin|BUILD/emulated,emulated) $(call asked-for,BUILD/plugged,plugged) \
    $(call asked-for,BUILD/bare,bare)
	+@$(in-tests) sh tests/run.sh $(test-files)

bench: all $(bench-programs) $(tool-programs) $(tool-libraries)
	@for b in $(bench-programs) $(sort $(wildcard tests/bench/*.sh)); do \
	    echo "== $${b##*/}"; \
	    case $$b in *.sh) $(in-tests) bash $$b ;; *) $(in-tests) $$b ;; esac || failed="$$failed $${b##*/}"; \
	done; test -z "$$failed" || { echo "failed:$$failed" >&2; exit 1; }

lint: all
	+@$(in-tests) LINT=all sh tests/run.sh $(or $(TESTS),$(sort $(wildcard tests/lint/*.sh)))

format:
	find harness variants collectors db reports tests -name '*.[ch]' -o -name '*.cu' -o -name '*.cuh' | xargs $(CLANG_FORMAT) -i

install: all
	install -D -m 755 $(program) '$(DESTDIR)$(PREFIX)/bin/countermark'
	install -D -m 644 $(BUILD)/countermark.1 '$(DESTDIR)$(PREFIX)/share/man/man1/countermark.1'
	install -D -m 644 -t '$(DESTDIR)$(PREFIX)/share/doc/countermark' $(wildcard README.md LICENSE)

clean:
	rm -rf $(BUILD)

-include $(objects:.o=.d) $(generated:.o=.d) $(modules:.so=.d) $(unit-programs:=.d) $(bench-programs:=.d) $(tool-programs:=.d) \
    $(tool-libraries:=.d)
endif
