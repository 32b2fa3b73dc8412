/* See programs.h. The programs are told what to do as a person would tell them, so that older ones understand it, too. */
#include "programs.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/process.h"
#include "base/text.h"
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_WORDS 256
#define FOLDER "countermark-compare-"
#define YOUNG_S 60 /* a folder may be so young that its maker has not locked it yet */

static int held = -1; /* the folder of this process, locked as long as it lives */

bool programs_is_file(const char *operand)
{
    struct stat s;

    return stat(operand, &s) == 0 && S_ISREG(s.st_mode) && access(operand, X_OK) == 0;
}

/* Its status as of process_wait. What it says goes to the file. */
static int execute(const char *program, char *const *argv, const char *said)
{
    int file = open(said, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), failed = file < 0;
    pid_t pid;

    if (!failed) {
        failed =
            process_start(&(struct process){.program = program, .argv = argv, .output = file, .errors = file}, &pid);
        close(file);
    }
    return failed ? -1 : process_wait(pid); /* interrupted, it was too, and ends by itself */
}

/* The last line of what a program said, without its name in front; free(). */
static char *last_words(const char *said)
{
    char *text = file_read(said, NULL, NULL), *line = text ? text : NULL, *words;

    for (char *at = text; at && *at; at++) {
        if (at[0] == '\n' && at[1])
            line = at + 1;
    }
    if (line)
        line[strcspn(line, "\n")] = 0;
    words = mem_copy(line && *line ? line : "it said nothing");
    free(text);
    return words;
}

static int check_program(const char *program, const char *said, struct err *e)
{
    char *argv[] = {(char *)program, (char *)"--version", NULL}, *text = NULL;
    bool fine = execute(program, argv, said) == 0 && (text = file_read(said, NULL, NULL)) != NULL &&
                text_starts(text, "countermark ");

    free(text);
    return fine
               ? 0
               : err_set(e, CM_USAGE, "%s is no countermark program: `%s --version` does not say so", program, program);
}

static size_t add_list(char **argv, size_t n, const char *option, const struct option_list *l)
{
    for (size_t i = 0; i < l->count && n + 8 < MOST_WORDS; i++) {
        argv[n++] = (char *)option;
        argv[n++] = (char *)l->items[i];
    }
    return n;
}

/* One launch a point: it finds out what there is, whether it is right, and how often to execute it. */
static int measure_one(const struct programs_request *q, const char *program, const char *database, const char *said,
                       struct err *e)
{
    char *argv[MOST_WORDS] = {
        (char *)program,      (char *)"run",   (char *)"--launches", (char *)"1",
        (char *)"--progress", (char *)"off",   (char *)"--collect",  (char *)(q->collect ? q->collect : "wall"),
        (char *)"--db",       (char *)database};
    size_t n = 10;
    char *words;
    int status;

    if (q->plan) {
        argv[n++] = (char *)"--plan";
        argv[n++] = (char *)q->plan;
    }
    n = add_list(argv, n, "-k", q->kernels);
    n = add_list(argv, n, "-v", q->variants);
    add_list(argv, n, "-s", q->sweeps);
    log_note("asking %s for its points", program);
    status = execute(program, argv, said);
    if (status == CM_INTERRUPTED || launch_interrupted())
        return err_set(e, CM_INTERRUPTED, "interrupted");
    if (status == CM_FINE || status == CM_UNTRUSTED || status == CM_WRONG)
        return 0; /* what failed there is told by the comparison */
    words = last_words(said);
    err_set(e, status == CM_USAGE || status == CM_NOTHING ? (enum exit_code)status : CM_INTERNAL,
            "%s could not measure its points: %s", program, words);
    free(words);
    return -1;
}

/* What a comparison left that was killed: it is ours, and nobody holds it. */
static void forget_stale(const char *path)
{
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat s;

    if (folder < 0)
        return;
    if (!fstat(folder, &s) && s.st_uid == geteuid() && clock_wall_seconds() - s.st_mtime > YOUNG_S &&
        !flock(folder, LOCK_EX | LOCK_NB))
        file_remove_all(path);
    close(folder);
}

static void forget_all_stale(const char *where)
{
    char *pattern = mem_format("%s/" FOLDER "??????", where);
    glob_t found = {0};

    if (!glob(pattern, 0, NULL, &found))
        for (size_t i = 0; i < found.gl_pathc; i++)
            forget_stale(found.gl_pathv[i]);
    globfree(&found);
    free(pattern);
}

int programs_measure(const struct programs_request *q, char **folder, char **database, struct err *e)
{
    const char *where = getenv("TMPDIR");
    char *said;
    int failed = 0;

    *database = NULL;
    where = where && *where ? where : "/tmp";
    forget_all_stale(where);
    *folder = mem_format("%s/" FOLDER "XXXXXX", where);
    if (!mkdtemp(*folder)) {
        err_set(e, CM_INTERNAL, "no folder can be made as %s: %s", *folder, strerror(errno));
        free(*folder);
        *folder = NULL;
        return -1;
    }
    held = open(*folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (held >= 0)
        flock(held, LOCK_EX | LOCK_NB);
    *database = mem_format("%s/programs.db", *folder);
    said = mem_format("%s/said", *folder);
    launch_catch_signals(true);
    for (int i = 0; i < 2 && !failed; i++) {
        char *path = realpath(q->programs[i], NULL);

        failed = !path ? err_set(e, CM_USAGE, "%s cannot be found", q->programs[i])
                 : check_program(path, said, e) || measure_one(q, path, *database, said, e) ? -1
                                                                                            : 0;
        free(path);
    }
    launch_catch_signals(false);
    free(said);
    return failed ? -1 : 0;
}

void programs_forget(char *folder)
{
    if (folder && file_remove_all(folder))
        log_warning("%s could not be removed", folder);
    if (held >= 0)
        close(held);
    held = -1;
    free(folder);
}
