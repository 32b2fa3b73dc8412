/* Which commits a range holds, asked of git; see commit_build.h. */
#include "base/mem.h"
#include "base/text.h"
#include "commit_build.h"
#include "git.h"

#include <stdlib.h>
#include <string.h>

/* One line a commit. The subject comes last: it may hold anything but a newline. */
static const char line_format[] = "--format=%H%x09%P%x09%ct%x09%s";

static bool is_id(const char *word)
{
    size_t length = strlen(word);

    return (length == 40 || length == 64) && strspn(word, "0123456789abcdef") == length;
}

static int take_line(char *line, struct commit *out)
{
    char *rest = line, *id = strsep(&rest, "\t"), *parents = strsep(&rest, "\t"), *time = strsep(&rest, "\t");

    if (!id || !parents || !time || !is_id(id))
        return -1;
    *out = (struct commit){.id = mem_copy(id),
                           .parents = mem_copy(parents),
                           .subject = mem_copy(rest ? rest : ""),
                           .time = strtoll(time, NULL, 10)};
    text_disarm(out->subject, false);
    return 0;
}

/* A clone may hold the newest commits alone, as builds on a server often have it. */
static bool is_shallow(const char *repository)
{
    static const char *const words[] = {"rev-parse", "--is-shallow-repository", NULL};
    char *answer = git_ask(repository, words, NULL);
    bool shallow = answer && text_starts(answer, "true");

    free(answer);
    return shallow;
}

/* What git says about a word that it does not know, in one sentence with the word. */
static int unknown(const char *repository, const char *what, char *complaint, struct err *e)
{
    const char *place = strcmp(repository, ".") ? repository : "this folder";
    const char *said = text_starts(complaint, "fatal: ") ? complaint + strlen("fatal: ") : complaint;

    if (strstr(complaint, "not a git repository"))
        err_set(e, CM_USAGE, "%s is in no git repository, so it has no commits to go back to", place);
    else if (strstr(complaint, "git cannot be started"))
        err_set(e, CM_NOTHING, "%s", complaint);
    else if (strstr(complaint, "unknown revision") || strstr(complaint, "bad revision") ||
             strstr(complaint, "bad object"))
        err_set(e, CM_USAGE, "git knows no '%.100s' in %s; %s", what, place,
                is_shallow(repository) ? "only the newest commits were cloned: `git fetch --unshallow` brings the rest"
                                       : "`git log --oneline` shows what it knows");
    else
        err_set(e, CM_USAGE, "git cannot tell the commits of '%.100s': %s", what, said);
    free(complaint);
    return -1;
}

static int take_lines(char *text, struct commit_list *out, struct err *e)
{
    char *rest = text, *line;

    while ((line = strsep(&rest, "\n"))) {
        struct commit c;

        if (!*line)
            continue;
        if (take_line(line, &c)) {
            commits_free(out);
            return err_set(e, CM_INTERNAL, "git log answered in a way that is not understood");
        }
        VEC_ROOM(out->items, out->count, out->capacity);
        out->items[out->count++] = c;
    }
    return 0;
}

/* Where a shallow clone ends nobody knows what came before: that is no first commit. */
static void forget_borders(const char *repository, struct commit_list *list)
{
    bool asked = false;

    for (size_t i = 0; i < list->count; i++) {
        struct commit *c = &list->items[i];

        if (*c->parents)
            continue;
        if (!asked && !is_shallow(repository))
            break;
        asked = true;
        free(c->parents);
        c->parents = NULL;
    }
}

int commits_before(const char *repository, const char *range, const char *most, struct commit_list *out, struct err *e)
{
    const char *const words[] = {"log",
                                 "--first-parent",
                                 "--reverse",
                                 line_format,
                                 "--no-show-signature",
                                 "--no-color",
                                 "--encoding=UTF-8",
                                 most ? most : "--max-count=-1",
                                 "--end-of-options",
                                 range,
                                 "--",
                                 NULL};
    char *complaint = NULL, *text = git_ask(repository, words, &complaint);
    int failed;

    *out = (struct commit_list){0};
    if (!text)
        return unknown(repository, range, complaint, e);
    failed = take_lines(text, out, e);
    if (!failed)
        forget_borders(repository, out);
    free(text);
    return failed;
}

int commits_in(const char *repository, const char *range, struct commit_list *out, struct err *e)
{
    return commits_before(repository, range, NULL, out, e);
}

int commit_of(const char *repository, const char *revision, struct commit *out, struct err *e)
{
    const char *const words[] = {
        "log",    "-1", line_format, "--no-show-signature", "--no-color", "--encoding=UTF-8", "--end-of-options",
        revision, "--", NULL};
    char *complaint = NULL, *text;

    *out = (struct commit){0};
    if (strstr(revision, ".."))
        return err_set(e, CM_USAGE, "'%.100s' is a range where one commit is wanted", revision);
    text = git_ask(repository, words, &complaint);
    if (!text)
        return unknown(repository, revision, complaint, e);
    text[strcspn(text, "\n")] = 0;
    if (take_line(text, out)) {
        free(text);
        return err_set(e, CM_USAGE, "'%.100s' is no commit", revision);
    }
    free(text);
    return 0;
}

void commit_free(struct commit *c)
{
    free(c->id);
    free(c->parents);
    free(c->subject);
    *c = (struct commit){0};
}

void commits_free(struct commit_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        commit_free(&list->items[i]);
    free(list->items);
    *list = (struct commit_list){0};
}
