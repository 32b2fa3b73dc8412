/*
 * How far the run is: on a terminal one line that is rewritten, else a plain line for every tenth or every 30 seconds. All on
 * standard error, so that results stay clean. The time left is what launches of the same point took, in this run or in
 * earlier ones, else the plan's guess.
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "run_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int kind_of(const struct session *s, size_t i)
{
    return *s->out->plan.launches[i].pass != 0;
}

double run_expected(const struct session *s, size_t i)
{
    const struct plan *p = &s->out->plan;
    const struct point_state *state = &s->points[p->launches[i].point];
    int kind = kind_of(s, i), other = !kind;

    if (state->measured[kind])
        return state->wall_sum[kind] / state->measured[kind];
    if (state->wall_known[kind] > 0)
        return state->wall_known[kind];
    if (registry_simulator(p->launches[i].pass))
        return run_simulate_expected(s, i);
    if (state->measured[other])
        return state->wall_sum[other] / state->measured[other];
    return plan_launch_guess(p, &p->points[p->launches[i].point]);
}

double run_expected_left(const struct session *s, size_t from)
{
    double sum = 0;

    for (size_t i = from; i < s->out->plan.launch_count; i++)
        if (s->out->status[i] == LAUNCH_PLANNED)
            sum += run_expected(s, i);
    return sum;
}

static int by_text(const void *key, const void *point)
{
    return strcmp(key, ((const struct plan_point *)point)->text);
}

static int take_history(const struct cell *cells, size_t count, void *user, struct err *e)
{
    struct session *s = user;
    const struct plan *p = &s->out->plan;
    const struct plan_point *found;

    (void)e;
    if (count < 3 || !cells[0].text)
        return 0;
    found = bsearch(cells[0].text, p->points, p->point_count, sizeof *p->points, by_text);
    if (found && cells[2].number > 0)
        s->points[found - p->points].wall_known[cells[1].number != 0] = cells[2].number;
    return 0;
}

int run_read_history(struct session *s, struct err *e)
{
    const char *machine[] = {s->out->host.machine_name};

    return store_query(
        s->store,
        "SELECT p.text, l.pass <> '', avg(l.wall_s) FROM planned_launch l JOIN point p ON p.id = l.point"
        " WHERE l.status = 'done' AND l.run IN (SELECT r.id FROM run r JOIN machine m ON m.id = r.machine"
        " WHERE m.name = ?1 ORDER BY r.id DESC LIMIT 5) GROUP BY p.text, l.pass <> ''",
        machine, 1, take_history, s, e);
}

static void put(const char *text, size_t length)
{
    while (length) {
        ssize_t n = write(STDERR_FILENO, text, length);

        if (n <= 0)
            return; /* progress that nobody can see is no trouble */
        text += n;
        length -= (size_t)n;
    }
}

static void close_line(struct progress *p)
{
    if (p->line_open)
        put("\r\033[K", 4);
    p->line_open = false;
}

void progress_start(struct session *s)
{
    struct progress *p = &s->progress;

    p->style = s->q->progress;
    p->terminal = p->style == PROGRESS_AUTO && isatty(STDERR_FILENO);
    p->started_ns = clock_ns();
    p->shown_ns = p->started_ns;
}

static size_t columns(void)
{
    struct winsize w;

    return !ioctl(STDERR_FILENO, TIOCGWINSZ, &w) && w.ws_col > 20 ? w.ws_col : 80;
}

static void show_line(struct session *s, size_t next)
{
    const struct plan *p = &s->out->plan;
    char left[40];
    char *line =
        mem_format("%zu/%zu, %s left: %s%s%s", next, p->launch_count,
                   text_duration_words(run_expected_left(s, next), left, sizeof left),
                   p->points[p->launches[next].point].text, *p->launches[next].pass ? " " : "", p->launches[next].pass);
    size_t width = columns() - 1, length = strlen(line);

    close_line(&s->progress);
    put(line, length < width ? length : width);
    s->progress.line_open = true;
    free(line);
}

void progress_show(struct session *s, size_t next)
{
    struct progress *p = &s->progress;
    const struct plan *plan = &s->out->plan;
    int64_t now = clock_ns();
    int tenth = (int)(next * 10 / plan->launch_count);
    char gone[40], left[40];

    if (p->style == PROGRESS_OFF)
        return;
    if (p->terminal) {
        if (!p->line_open || now - p->shown_ns > 100000000) {
            p->shown_ns = now;
            show_line(s, next);
        }
        return;
    }
    if ((tenth == p->shown_tenth || now - p->shown_ns < 2000000000) && now - p->shown_ns < 30000000000)
        return;
    p->shown_tenth = tenth;
    p->shown_ns = now;
    log_note("%zu/%zu launches, %s gone, about %s left: %s", next, plan->launch_count,
             text_duration_words((double)(now - p->started_ns) / 1e9, gone, sizeof gone),
             text_duration_words(run_expected_left(s, next), left, sizeof left),
             plan->points[plan->launches[next].point].text);
}

void progress_note(struct session *s, const char *format, ...)
{
    char text[1200];
    va_list list;

    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    close_line(&s->progress);
    log_note("%s", text);
}

void progress_end(struct session *s)
{
    close_line(&s->progress);
}
