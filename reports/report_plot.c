/* See report_plot.h. */
#include "report_plot.h"
#include "../harness/base/asset.h"
#include "../harness/base/clock.h"
#include "../harness/base/file.h"
#include "../harness/base/mem.h"
#include "report_data.h"
#include "report_tables.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define GNUPLOT_SECONDS 60
#define TOGETHER 10 /* plots of one start: far fewer than the time allows */

const char *plot_suffix(int form)
{
    static const char *const suffixes[PLOT_FORMS] = {"", "-dark", "-narrow", "-narrow-dark"};

    return suffixes[form];
}

char *plot_find_gnuplot(const char *name)
{
    const char *path = getenv("PATH");
    char *copy, *rest = NULL, *found = NULL;

    if (!name)
        name = "gnuplot";
    if (strchr(name, '/'))
        return access(name, X_OK) ? NULL : realpath(name, NULL);
    copy = mem_copy(path ? path : "/usr/local/bin:/usr/bin:/bin");
    for (char *folder = strtok_r(copy, ":", &rest); folder && !found; folder = strtok_r(NULL, ":", &rest)) {
        char *candidate = mem_format("%s/%s", folder, name);

        if (!access(candidate, X_OK))
            found = realpath(candidate, NULL);
        free(candidate);
    }
    free(copy);
    return found;
}

/* In the child: gnuplot on plot.gp in the scratch folder, its complaints in errors.txt. Only async-signal-safe calls. */
static void exec_gnuplot(const struct plotter *p, char *const *environment)
{
    char *const arguments[] = {(char *)"gnuplot", (char *)"-d", (char *)"plot.gp", NULL};
    int null, errors;

    if (chdir(p->scratch))
        _exit(127);
    null = open("/dev/null", O_RDWR);
    errors = open("errors.txt", O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (null < 0 || errors < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(errors, 2) < 0)
        _exit(127);
    execve(p->program, arguments, environment);
    _exit(127);
}

/* Waits; ends what takes too long. The exit status, or -1 for a signal or the time limit. */
static int wait_gnuplot(pid_t child)
{
    static const struct timespec pause = {.tv_nsec = 2000000};
    int64_t end = clock_ns() + (int64_t)GNUPLOT_SECONDS * 1000000000;
    int status = 0;
    pid_t done;

    while (!(done = waitpid(child, &status, WNOHANG)) || (done < 0 && errno == EINTR)) {
        if (clock_ns() > end) {
            kill(child, SIGKILL);
            end = INT64_MAX;
        }
        nanosleep(&pause, NULL);
    }
    return done == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* What gnuplot complained about, on one line. */
static char *complaint(const char *path, int status)
{
    char *text = file_read(path, NULL, NULL), *result;

    for (char *c = text; c && *c; c++)
        if (*c == '\n' || *c == '\t')
            *c = ' ';
    if (text && strspn(text, " ") < strlen(text))
        result = mem_format("gnuplot failed: %.300s", text + strspn(text, " "));
    else
        result = mem_format("gnuplot ended with status %d or took longer than %d s", status, GNUPLOT_SECONDS);
    free(text);
    return result;
}

static int run_gnuplot(const struct plotter *p, char **problem, struct err *e)
{
    /* a plain locale and no start-up files: the same plot everywhere */
    char *const environment[] = {(char *)"LC_ALL=C.UTF-8", (char *)"PATH=/usr/local/bin:/usr/bin:/bin",
                                 (char *)"HOME=/", NULL};
    pid_t child = fork();
    int status;

    if (child < 0)
        return err_set(e, CM_INTERNAL, "cannot start gnuplot: %s", strerror(errno));
    if (!child)
        exec_gnuplot(p, environment);
    status = wait_gnuplot(child);
    if (status) {
        char *path = mem_format("%s/errors.txt", p->scratch);

        *problem = complaint(path, status);
        free(path);
    }
    return 0;
}

static const char *style(void)
{
    for (const struct asset *a = asset_reports; a->name; a++)
        if (!strcmp(a->name, "style"))
            return a->text;
    return "";
}

static void add_prologue(struct buf *script, const struct report_data *d, size_t number, int form)
{
    buf_addf(script, "dark = %d\nnarrow = %d\nrows = %zu\nblocks = %zu\nDATA = 'data%zu.tsv'\n", !!(form & PLOT_DARK),
             !!(form & PLOT_NARROW), d->rows, d->count, number);
    buf_addf(script, "array series[%zu]\n", d->count);
    for (size_t i = 0; i < d->count; i++) {
        buf_addf(script, "series[%zu] = ", i + 1);
        buf_add_gnuplot(script, d->series[i]);
        buf_add(script, "\n");
    }
}

/* All forms of some plots in one script. */
static int write_script(const struct plotter *p, const struct plot_job *jobs, size_t count, struct err *e)
{
    char *path = mem_format("%s/plot.gp", p->scratch);
    struct buf script = {0};
    int result = 0;

    for (size_t i = 0; i < count && !result; i++) {
        const struct plot_job *job = &jobs[i];
        char *data = mem_format("%s/data%zu.tsv", p->scratch, i);

        result = file_replace(data, buf_text(&job->data.table), job->data.table.length, e);
        free(data);
        for (int form = 0; form < PLOT_FORMS; form++) {
            buf_addf(&script, "reset session\nOUTPUT = 'plot%zu%s.svg'\n", i, plot_suffix(form));
            add_prologue(&script, &job->data, i, form);
            buf_addf(&script, "%s\n%s\n%s\nunset output\n", buf_text(&job->variables), style(), job->report->body);
        }
    }
    if (!result)
        result = file_replace(path, script.text, script.length, e);
    buf_free(&script);
    free(path);
    return result;
}

/* Moves what gnuplot drew of one plot to its place: all forms, or none where one is missing or may be half a picture. */
static int collect(const struct plotter *p, struct plot_job *job, size_t number, bool whole, struct err *e)
{
    char *drawn[PLOT_FORMS];
    int result = 0;

    for (int form = 0; form < PLOT_FORMS; form++) {
        drawn[form] = mem_format("%s/plot%zu%s.svg", p->scratch, number, plot_suffix(form));
        whole = whole && file_exists(drawn[form]);
    }
    for (int form = 0; form < PLOT_FORMS; form++) {
        char *target = mem_format("%s/%s%s.svg", p->folder, job->stem, plot_suffix(form));

        if (whole && !result)
            result = file_copy(drawn[form], target, e);
        unlink(drawn[form]);
        free(drawn[form]);
        free(target);
    }
    job->drawn = whole && !result;
    return result;
}

/* One start of gnuplot for `count` plots. It ends at its first mistake, and may leave half a picture: then none of several counts. */
static int draw_some(const struct plotter *p, struct plot_job *jobs, size_t count, struct err *e)
{
    char *problem = NULL;
    int result = write_script(p, jobs, count, e);

    if (!result)
        result = run_gnuplot(p, &problem, e);
    for (size_t i = 0; i < count && !result; i++)
        result = collect(p, &jobs[i], i, !problem, e);
    if (!result && count == 1 && !jobs->drawn)
        /* a form without a picture is a problem even when gnuplot did not complain */
        jobs->problem = mem_copy(problem ? problem : "gnuplot ended without drawing it");
    free(problem);
    return result;
}

int plot_draw(const struct plotter *p, struct plot_job *jobs, size_t count, struct err *e)
{
    int result = 0;

    for (size_t at = 0; at < count && !result; at += TOGETHER) {
        size_t some = count - at < TOGETHER ? count - at : TOGETHER;

        result = draw_some(p, &jobs[at], some, e);
        for (size_t i = 0; some > 1 && i < some && !result; i++)
            if (!jobs[at + i].drawn)
                result = draw_some(p, &jobs[at + i], 1, e);
    }
    return result;
}

void plot_job_free(struct plot_job *job)
{
    report_data_free(&job->data);
    buf_free(&job->variables);
    free(job->stem);
    free(job->problem);
    *job = (struct plot_job){0};
}

static int read_sentence(const struct plotter *p, const struct report_file *r, enum report_key key,
                         const char *const parameters[2], char **text, struct err *e)
{
    const char *sql = r->keys[key];

    return report_tables(p->store, sql, parameters, e) ? -1 : store_text(p->store, sql, parameters, 2, text, e);
}

int plot_make(const struct plotter *p, const struct report_file *r, const char *const parameters[2], const char *stem,
              struct plot *out, struct err *e)
{
    struct plot_job job = {.report = r, .stem = mem_copy(stem)};
    int result;

    *out = (struct plot){.stem = mem_copy(stem)};
    result = report_data_read(&job.data, p->store, r->keys[REPORT_QUERY], parameters, e);
    if (!result && r->keys[REPORT_VARIABLES])
        result = report_data_variables(&job.variables, p->store, r->keys[REPORT_VARIABLES], parameters, r->name, e);
    if (!result)
        result = read_sentence(p, r, job.data.rows ? REPORT_READING : REPORT_EMPTY, parameters, &out->reading, e);
    out->empty = !job.data.rows;
    if (!result && job.data.rows && p->program)
        result = plot_draw(p, &job, 1, e);
    out->drawn = job.drawn;
    out->problem = job.problem;
    job.problem = NULL;
    plot_job_free(&job);
    if (result)
        plot_free(out);
    return result;
}

void plot_free(struct plot *p)
{
    free(p->reading);
    free(p->stem);
    free(p->problem);
    *p = (struct plot){0};
}
