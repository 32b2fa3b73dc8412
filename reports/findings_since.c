/* Where "since" is in a history: a commit's run, or the last one before a day. */
#include "findings_parts.h"

#include "../harness/base/buf.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SHORTEST = 4, LISTED = 5 };

static int64_t time_of(const struct series_run *run)
{
    return run->commit_time ? run->commit_time : run->started;
}

/* "2026-12-31" as the seconds of its beginning; -1 if it is no date. */
static int64_t date_of(const char *text)
{
    struct tm t = {0};
    const char *end = strptime(text, "%Y-%m-%d", &t);

    return end && !*end && strlen(text) == 10 ? (int64_t)timegm(&t) : -1;
}

/* The last run whose time lies before; the first one that is looked at if none does. */
static size_t before_time(const struct finding_reading *r, int64_t time)
{
    size_t found = r->first;

    for (size_t i = r->first; i < r->f->home.count; i++)
        if (r->f->home.runs[i].id && time_of(&r->f->home.runs[i]) < time)
            found = i;
    return found;
}

static bool is_hex(const char *word)
{
    size_t n = strlen(word);

    return n >= SHORTEST && n <= 40 && strspn(word, "0123456789abcdefABCDEF") == n;
}

static int unknown(const struct finding_reading *r, struct err *e)
{
    const struct series_home *home = &r->f->home;
    struct buf list = {0};
    size_t listed = 0;

    for (size_t i = home->count; i-- > 0 && listed < LISTED;)
        if (home->runs[i].id && home->runs[i].commit[0] &&
            (i + 1 == home->count || strcmp(home->runs[i].commit, home->runs[i + 1].commit) != 0))
            buf_addf(&list, "%s%.10s", listed++ ? ", " : "", home->runs[i].commit);
    err_set(e, CM_USAGE,
            "--since %.80s is no date such as 2026-12-31 and no commit of machine %s, branch %s; the newest are: %s",
            r->o->since_name ? r->o->since_name : r->o->since, home->machine, home->branch,
            listed ? buf_text(&list) : "none");
    buf_free(&list);
    return -1;
}

int findings_since(struct finding_reading *r, struct err *e)
{
    const struct series_home *home = &r->f->home;
    const char *word = r->o->since, *commit = NULL;
    int64_t date;

    if (!word)
        return 0;
    r->has_since = true;
    date = date_of(word);
    if (date >= 0) {
        r->since = before_time(r, date);
        return 0;
    }
    for (size_t i = 0; is_hex(word) && i < home->count; i++) {
        if (strncasecmp(home->runs[i].commit, word, strlen(word)) != 0 || !home->runs[i].id)
            continue;
        if (commit && strcmp(commit, home->runs[i].commit) != 0)
            return err_set(e, CM_USAGE, "--since %.40s means %.10s and %.10s, at least; write more of it", word, commit,
                           home->runs[i].commit);
        commit = home->runs[i].commit;
        r->since = i;
    }
    if (!commit && r->o->since_time)
        r->since = before_time(r, r->o->since_time + 1);
    if (r->since < r->first)
        r->since = r->first;
    return commit || r->o->since_time ? 0 : unknown(r, e);
}
