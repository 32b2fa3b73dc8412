/* Asking git; see git.h. */
#include "git.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/process.h"
#include "base/text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LONGEST_ANSWER (64 << 20)
#define MOST_WORDS 24

/* What git says is read: it speaks English. */
static char english[] = "LC_ALL=C";

/* Of a hook's settings the repository may count, its index is for the commit that is being made. */
static bool is_replaced(const char *variable)
{
    return text_starts(variable, "LC_ALL=") || text_starts(variable, "GIT_INDEX_FILE=") ||
           text_starts(variable, "GIT_PREFIX=");
}

/* git's exit status, or -1 if it could not be started. */
static int run_git(char *const *argv, struct buf *answer, struct buf *complaint)
{
    size_t count = 0, n = 0;
    char **list;
    int status;

    while (environ[count])
        count++;
    list = mem_new(count + 2, sizeof *list);
    list[n++] = english;
    for (size_t i = 0; i < count; i++)
        if (!is_replaced(environ[i]))
            list[n++] = environ[i];
    status = process_collect(&(struct process){.program = "git", .argv = argv, .environment = list}, LONGEST_ANSWER,
                             answer, complaint);
    if (status < 0)
        buf_addf(complaint, "git cannot be started: %s", errno == ENOENT ? "is it installed?" : strerror(errno));
    free(list);
    return status;
}

/* Of all that it said the line that ended it; hints and warnings may stand around it. */
static char *first_complaint(const char *text)
{
    const char *line = text;
    char *copy;

    for (const char *at = text; *at; at += strcspn(at, "\n"), at += *at == '\n') {
        if (text_starts(at, "fatal:") || text_starts(at, "error:")) {
            line = at;
            break;
        }
    }
    copy = mem_copy_n(line, strcspn(line, "\n"));
    text_disarm(copy, false);
    if (*copy)
        return copy;
    free(copy);
    return mem_copy("git does not say why");
}

char *git_ask(const char *folder, const char *const *words, char **complaint)
{
    char *argv[MOST_WORDS + 5];
    struct buf answer = {0}, said = {0};
    size_t n = 0, made;
    int status;

    argv[n++] = mem_copy("git");
    argv[n++] = mem_copy("-C");
    argv[n++] = mem_copy(folder);
    argv[n++] = mem_copy("--no-optional-locks");
    for (; *words && n < MOST_WORDS + 4; words++)
        argv[n++] = mem_copy(*words);
    made = n;
    argv[n] = NULL;
    status = run_git(argv, &answer, &said);
    for (size_t i = 0; i < made; i++)
        free(argv[i]);
    if (status && complaint)
        *complaint = first_complaint(buf_text(&said));
    buf_free(&said);
    if (!status)
        return answer.text ? buf_take(&answer) : mem_copy("");
    buf_free(&answer);
    return NULL;
}

/* A hook, an alias or a recipe of make leaves these behind. */
static bool ties(const char *variable)
{
    static const char *const kept[] = {"GIT_SSH",           "GIT_ASKPASS",       "GIT_TERMINAL_PROMPT",
                                       "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM",
                                       "GIT_TRACE"};

    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (text_starts(variable, kept[i]))
            return false;
    return text_starts(variable, "GIT_") || text_starts(variable, "MAKEFLAGS=") ||
           text_starts(variable, "MAKELEVEL=") || text_starts(variable, "MFLAGS=") ||
           text_starts(variable, "MAKEOVERRIDES=");
}

static bool names_same(const char *a, const char *b)
{
    size_t length = strcspn(a, "=");

    return !strncmp(a, b, length) && b[length] == '=';
}

char **git_environment(char *const *more)
{
    size_t count = 0, added = 0, n = 0;
    char **list;

    while (environ[count])
        count++;
    while (more && more[added])
        added++;
    list = mem_new(count + added + 1, sizeof *list);
    for (size_t i = 0; i < count; i++) {
        bool replaced = ties(environ[i]);

        for (size_t k = 0; k < added && !replaced; k++)
            replaced = names_same(more[k], environ[i]);
        if (!replaced)
            list[n++] = environ[i];
    }
    for (size_t k = 0; k < added; k++)
        list[n++] = more[k];
    return list;
}
