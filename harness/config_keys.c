/* The keys of .countermark.yaml with their meanings: see config_keys.h. */
#include "config_keys.h"

#define AT(field) offsetof(struct config, field)
#define IN_ENTRY(field) offsetof(struct config_threshold, field)

const struct config_key config_threshold_keys[] = {
    {"points", KIND_TEXT, IN_ENTRY(points), NULL, "GLOB", "of these points (all)"},
    {"metrics", KIND_TEXT, IN_ENTRY(metrics), NULL, "GLOB", "of these metrics (all)"},
    {"min-effect", KIND_SHARE, IN_ENTRY(min_effect), NULL, "SHARE", "the smallest change that counts there; needed"},
    {0},
};

static const struct config_key gate_keys[] = {
    {"min-effect", KIND_SHARE, AT(min_effect), NULL, "SHARE",
     "the smallest change of a time that counts (1%, or what was measured to show); a count needs 0.1%"},
    {"metrics", KIND_TEXT, AT(metrics), NULL, "GLOB",
     "metrics to judge, joined by commas (time, device time, instructions)"},
    {"confirm-budget", KIND_DURATION, AT(confirm_budget_s), NULL, "TIME",
     "how long suspects may be measured again (10m); 0 measures none again"},
    {"baseline", KIND_TEXT, AT(baseline), NULL, "REF",
     "what to compare with: run:12, commit:abc, tag:v1.2, branch-point, best, window:10, variant:V (what was "
     "accepted)"},
    {"fail-on", KIND_FAIL_ON, AT(fail_on_faster), NULL, "WORD", "slower, or faster: improvements exit 1, too (slower)"},
    {"thresholds", KIND_THRESHOLDS, 0, config_threshold_keys, "LIST",
     "min-effects of points and metrics; the last that matches counts (none)"},
    {0},
};

static const struct config_key build_keys[] = {
    {"command", KIND_TEXT, AT(build.command), NULL, "COMMAND", "builds a commit, as a line of sh (nothing is built)"},
    {"program", KIND_TEXT, AT(build.program), NULL, "FILE",
     "the countermark that was built there (the one that asks; of programs of yours)"},
    {"run", KIND_TEXT, AT(build.run), NULL, "WORDS",
     "what is measured, as countermark run takes it: -k triad, or -s n=1000 -- ./prog --size {n}"},
    {"timeout", KIND_DURATION, AT(build.timeout_s), NULL, "TIME", "ends a build that takes longer (30m); 0 ends none"},
    {0},
};

const struct config_key config_keys[] = {
    {"machine", KIND_NAME, AT(machine), NULL, "NAME",
     "calls this machine NAME; it is the home of every history (made from its facts)"},
    {"class", KIND_NAME, AT(machine_class), NULL, "NAME", "machines of one class are compared with each other (none)"},
    {"database", KIND_PATH, AT(database), NULL, "FILE", "where all is stored (countermark.db)"},
    {"report", KIND_PATH, AT(report), NULL, "DIR", "where nights write the report (report)"},
    {"ledger", KIND_PATH, AT(ledger), NULL, "FILE",
     "decisions in a file of the repository, which every check follows (none: those in the database)"},
    {"gate", KIND_MAPPING, 0, gate_keys, NULL, "how check and nightly judge"},
    {"build", KIND_MAPPING, 0, build_keys, NULL, "how backfill and bisect build and measure a commit"},
    {"plans", KIND_PLANS, 0, NULL, "NAME: |",
     "plans of your own, one statement a line, found before the built-in ones (none)"},
    {0},
};
