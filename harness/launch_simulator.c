/* Launches under a simulator; see launch_simulator.h. */
#include "launch_simulator.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "launch_message.h"
#include "registry.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int make_folder(struct launch_simulator *s, struct err *e)
{
    const char *where = getenv("TMPDIR");

    s->scratch = mem_format("%s/countermark-XXXXXX", where && *where == '/' ? where : "/tmp");
    if (mkdtemp(s->scratch))
        return 0;
    err_set(e, CM_INTERNAL, "a folder for its files cannot be made in %s: %s", where ? where : "/tmp", strerror(errno));
    free(s->scratch);
    s->scratch = NULL;
    return -1;
}

/* A path that is good in any working folder; free(). */
static char *absolute(const char *path)
{
    char here[4096];

    if (!path || *path == '/' || !getcwd(here, sizeof here))
        return mem_copy(path);
    return mem_format("%s/%s", here, path);
}

/* This program by a path that means it in another process, too. */
static char *program_path(const char *program)
{
    const char *path = program ? program : launch_self();

    return !strcmp(path, "/proc/self/exe") ? mem_format("/proc/%d/exe", (int)getpid()) : absolute(path);
}

static void add_word(struct launch_simulator *s, char *word)
{
    s->argv = mem_grow(s->argv, s->argc + 2, sizeof *s->argv);
    s->argv[s->argc++] = word;
    s->argv[s->argc] = NULL;
}

/* The simulator's words, then the worker's own. */
static int make_words(struct launch_simulator *s, const struct launch_spec *spec, struct launch_start *how,
                      struct err *e)
{
    const struct registry_variant *v = registry_variant(spec->kernel, spec->variant);
    struct text_list words = {0};
    int failed = s->collector->wrap(strchr(spec->pass, ':') ? strchr(spec->pass, ':') + 1 : "",
                                    v && v->variant->forks ? TARGET_TREE : TARGET_THREADS, &words, e);

    for (size_t i = 0; i < words.count && !failed; i++)
        add_word(s, mem_copy(words.items[i]));
    text_list_free(&words);
    if (failed)
        return -1;
    s->program = s->argc ? file_find_program(s->argv[0]) : NULL;
    if (!s->program)
        return err_set(e, CM_NOTHING, "%s is not on PATH", s->argc ? s->argv[0] : s->name);
    add_word(s, program_path(spec->program));
    for (char *const *word = how->argv + 1; *word; word++)
        add_word(s, mem_copy(*word));
    how->program = s->program;
    how->argv = s->argv;
    return 0;
}

int launch_simulator_begin(struct launch_simulator *s, struct launch_spec *spec, struct launch_start *how,
                           struct err *e)
{
    const struct registry_collector *row = registry_simulator(spec->pass);
    struct err why = {0};

    *s = (struct launch_simulator){.collector = row ? row->collector : NULL, .name = row ? row->name : ""};
    if (!row)
        return 0;
    if (make_folder(s, &why) || (!spec->command && make_words(s, spec, how, &why)))
        return err_set(e, CM_NOTHING, "%s: %s", s->name, why.text);
    how->scratch = s->scratch;
    if (spec->command)
        return 0;
    /* Addresses decide what a simulated cache does, and environment, working folder and stack decide addresses. */
    how->bare = true;
    how->folder = "/";
    spec->layout_seed = 0;
    spec->reference_folder = s->references = absolute(spec->reference_folder);
    spec->fake_script = s->script = absolute(spec->fake_script);
    return 0;
}

bool launch_too_large(double seconds, double limit_s, char *text, size_t size)
{
    char expected[40], limit[40];

    if (!(limit_s > 0) || !(seconds > limit_s))
        return false;
    text_duration_words(seconds, expected, sizeof expected);
    if (seconds < 60) /* "some 1 s, and no more than 1 s" would be no reason */
        text_quantity(seconds, "s", expected, sizeof expected);
    snprintf(text, size, LAUNCH_TOO_LARGE "an execution would take some %s there, and no more than %s is given to it",
             expected, text_duration_words(limit_s, limit, sizeof limit));
    return true;
}

void launch_simulator_reason(const struct launch_tail *t, char *line, size_t size)
{
    static const char unreadable[] = "debuginfo reader: Possibly corrupted";

    if (memmem(t->text, t->length, unreadable, sizeof unreadable - 1))
        snprintf(line, size,
                 "valgrind cannot read the program's debugging information: compile it with -gdwarf-4, or strip it");
}

void launch_simulator_conclude(const struct launch_simulator *s, struct launch_outcome *out)
{
    struct launch_result *r = &out->result;
    char text[700];

    if (!s->collector || r->status == LAUNCH_DONE)
        return;
    if (r->status == LAUNCH_WRONG)
        snprintf(text, sizeof text, "%s: its result is wrong there, where some things are computed otherwise: %s",
                 s->name, r->reason);
    else
        snprintf(text, sizeof text, "%s%s%s", text_starts(r->reason, s->name) ? "" : s->name,
                 text_starts(r->reason, s->name) ? "" : ": ", r->reason);
    r->status = LAUNCH_UNAVAILABLE;
    r->reason = launch_outcome_text(out, text);
    r->match = -1;
    r->deviations = 0;
    r->checksum = "";
}

void launch_simulator_end(struct launch_simulator *s)
{
    DIR *list = s->scratch ? opendir(s->scratch) : NULL;
    struct dirent *entry;

    while (list && (entry = readdir(list)))
        unlinkat(dirfd(list), entry->d_name, 0);
    if (list)
        closedir(list);
    if (s->scratch)
        rmdir(s->scratch);
    for (size_t i = 0; i < s->argc; i++)
        free(s->argv[i]);
    free(s->argv);
    free(s->program);
    free(s->scratch);
    free(s->references);
    free(s->script);
    *s = (struct launch_simulator){.collector = NULL};
}
