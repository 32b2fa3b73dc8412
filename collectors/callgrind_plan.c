/*
 * From wanted events to one pass, and whether valgrind is here, new enough, and able to start a program.
 *
 * needs: valgrind
 */
#include "callgrind_plan.h"

#include "../harness/base/buf.h"
#include "../harness/base/file.h"
#include "../harness/base/mem.h"
#include "../harness/base/process.h"
#include "../harness/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OLDEST_MAJOR 3 /* 3.13 numbers processes in the names of its files as is needed here */
#define OLDEST_MINOR 13

const struct callgrind_metric callgrind_metrics[] = {
    {"instructions", "instructions", {CG_IR, -1}},
    {"branches", "branches", {CG_BC, -1}},
    {"branch_misses", "branches", {CG_BCM, -1}},
    {"indirect_branches", "branches", {CG_BI, -1}},
    {"indirect_misses", "branches", {CG_BIM, -1}},
    {"reads", "cache", {CG_DR, -1}},
    {"writes", "cache", {CG_DW, -1}},
    {"l1i_misses", "cache", {CG_I1MR, -1}},
    {"l1d_misses", "cache", {CG_D1MR, CG_D1MW, -1}},
    {"llc_misses", "cache", {CG_ILMR, CG_DLMR, CG_DLMW}},
    {0},
};

#define COUNTED(name, meaning, same)                                                                                   \
    {                                                                                                                  \
        "callgrind." name, "1", meaning, NULL, METRIC_COUNT, BETTER_LOWER, same                                        \
    }

/* Simulated misses depend on addresses, which another build moves: only what the code alone decides is deterministic. */
const struct metric callgrind_catalogue[] = {
    COUNTED("instructions", "Instructions of the program, counted on a simulated CPU", true),
    COUNTED("branches", "Conditional branches, simulated", true),
    COUNTED("branch_misses", "Conditional branches that a simple simulated predictor gets wrong", false),
    COUNTED("indirect_branches", "Branches and calls to a computed address, simulated", true),
    COUNTED("indirect_misses", "Those that a simple simulated predictor gets wrong", false),
    COUNTED("reads", "Reads of data, simulated; one of several words counts once", true),
    COUNTED("writes", "Writes of data, simulated; one of several words counts once", true),
    COUNTED("l1i_misses", "Fetches of instructions that miss a simulated first-level cache", false),
    COUNTED("l1d_misses", "Reads and writes that miss a simulated first-level cache", false),
    COUNTED("llc_misses", "Accesses that miss a simulated last-level cache", false),
    {0},
};

bool callgrind_listed(const char *events, const char *event)
{
    size_t length = strlen(event);

    for (const char *at = events; (at = strstr(at, event)); at += length)
        if ((at == events || at[-1] == ',') && (!at[length] || at[length] == ','))
            return true;
    return false;
}

bool callgrind_needs(const char *events, const char *group)
{
    for (const struct callgrind_metric *m = callgrind_metrics; m->event; m++)
        if (!strcmp(m->group, group) && callgrind_listed(events, m->event))
            return true;
    return false;
}

static int unknown_word(const char *word, struct err *e)
{
    const char *known[32] = {"cache"}; /* the groups that share no event's name */
    char near[200];
    size_t count = 1;

    for (const struct callgrind_metric *m = callgrind_metrics; m->event; m++)
        known[count++] = m->event;
    return err_set(e, CM_USAGE,
                   "callgrind: there is no event \"%s\"%s; it has the groups instructions, branches and cache", word,
                   text_near(word, known, count, near, sizeof near));
}

/* Marks the events of one word: a group's, or one by its name with or without the family. */
static int want(bool *wanted, const char *word, struct err *e)
{
    bool found = false;

    if (text_starts(word, "callgrind."))
        word += strlen("callgrind.");
    for (size_t i = 0; callgrind_metrics[i].event; i++)
        if (!strcmp(word, callgrind_metrics[i].group) || !strcmp(word, callgrind_metrics[i].event))
            found = wanted[i] = true;
    return found ? 0 : unknown_word(word, e);
}

static int read_wanted(const char *text, bool *wanted, struct err *e)
{
    bool all = !text || !*text;
    size_t count;
    char **words = text_split(all ? "instructions+branches+cache" : text, '+', &count);
    int failed = 0;

    wanted[0] = true; /* instructions cost nothing more, and tie passes together */
    for (size_t i = 0; i < count && !failed; i++)
        failed = want(wanted, words[i], e);
    free(words);
    return failed;
}

#ifdef WITHOUT_VALGRIND

const char *callgrind_reason(const char **cure)
{
    if (cure)
        *cure = "install valgrind and build again without VALGRIND=0";
    return "built without valgrind";
}

#else

#include <valgrind/valgrind.h>

/* Valgrind brings its own allocator and address space; a sanitizer insists on its own. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif

/* Runs a program with its output, the first line of it, in `line`. Its status as of process_wait. */
static int run_program(const char *path, char *const *argv, char *line, size_t size)
{
    struct buf said = {0};
    int status = process_collect(&(struct process){.program = path, .argv = argv}, size - 1, &said, NULL);

    snprintf(line, size, "%.*s", (int)strcspn(buf_text(&said), "\r\n"), buf_text(&said));
    buf_free(&said);
    text_disarm(line, false);
    return status;
}

/* "valgrind-3.19.0" */
static bool is_old(const char *version)
{
    const char *number = version + strcspn(version, "0123456789");
    char *end;
    long major = strtol(number, &end, 10), minor = *end == '.' ? strtol(end + 1, NULL, 10) : 0;

    return major < OLDEST_MAJOR || (major == OLDEST_MAJOR && minor < OLDEST_MINOR);
}

/* Some containers and CPUs have a valgrind that starts nothing: it is tried on the smallest program. */
static const char *try_version(const char *path, char *reason, size_t size)
{
    static char tool[] = "--tool=callgrind", quiet[] = "-q", file[] = "--callgrind-out-file=/dev/null",
                only[] = "--command-line-only=yes", name[] = "valgrind", version[] = "--version";
    char line[300] = "", *nothing = file_find_program("true");
    char *ask[] = {name, version, NULL}, *work[] = {name, only, tool, quiet, file, nothing, NULL};
    const char *found = reason;

    if (run_program(path, ask, line, sizeof line) || !text_starts(line, "valgrind"))
        snprintf(reason, size, "%.200s does not tell its version: %.150s", path, *line ? line : "it cannot be run");
    else if (is_old(line))
        snprintf(reason, size, "%.100s is too old: %d.%d is needed", line, OLDEST_MAJOR, OLDEST_MINOR);
    else if (nothing && run_program(path, work, line, sizeof line))
        snprintf(reason, size, "valgrind cannot run a program here: %.200s", *line ? line : "it says nothing");
    else
        found = NULL;
    free(nothing);
    return found;
}

/* Asked once: the answer holds for the life of the process. */
const char *callgrind_reason(const char **cure)
{
    static const char *reason, *help = "";
    static char text[500];
    static bool asked;

    if (!asked && !RUNNING_ON_VALGRIND) {
        char *path = file_find_program("valgrind");

        help = path ? "install a newer valgrind" : "install valgrind";
        reason = path ? try_version(path, text, sizeof text) : "valgrind is not on PATH";
        free(path);
#ifdef SANITIZED
        reason = "this program was built with a sanitizer, which valgrind cannot run";
        help = "build without SANITIZE=1";
#endif
    }
    asked = true;
    if (cure)
        *cure = reason ? help : "";
    return reason;
}

#endif

int callgrind_plan(const char *wanted, struct passes *out, struct err *e)
{
    bool events[32] = {false};
    const char *reason;
    struct buf pass = {0};

    if (read_wanted(wanted, events, e))
        return -1;
    reason = callgrind_reason(NULL);
    for (size_t i = 0; callgrind_metrics[i].event; i++) {
        char *missing;

        if (!events[i])
            continue;
        if (!reason) {
            buf_addf(&pass, "%s%s", pass.length ? "," : "callgrind:", callgrind_metrics[i].event);
            continue;
        }
        missing = mem_format("callgrind.%s\t%s", callgrind_metrics[i].event, reason);
        text_list_add(&out->missing, missing);
        free(missing);
    }
    if (pass.length)
        text_list_add(&out->passes, buf_text(&pass));
    buf_free(&pass);
    return 0;
}
