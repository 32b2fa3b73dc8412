/* See report_site.h. */
#include "report_site.h"
#include "../db/ref.h"
#include "../harness/base/file.h"
#include "../harness/base/mem.h"
#include "../harness/base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int add_machine(const struct cell *cells, size_t count, void *user, struct err *e)
{
    struct site *site = user;
    struct site_machine *m;

    (void)count;
    (void)e;
    VEC_ROOM(site->machines, site->machine_count, site->machine_capacity);
    m = &site->machines[site->machine_count++];
    *m = (struct site_machine){.name = mem_copy(cells[0].text ? cells[0].text : "")};
    snprintf(m->run, sizeof m->run, "%s", cells[1].text ? cells[1].text : "0");
    snprintf(m->slug, sizeof m->slug, "m%zu", site->machine_count);
    return 0;
}

static int add_kernel(const struct cell *cells, size_t count, void *user, struct err *e)
{
    struct site *site = user;
    struct site_kernel *k;

    (void)count;
    (void)e;
    VEC_ROOM(site->kernels, site->kernel_count, site->kernel_capacity);
    k = &site->kernels[site->kernel_count++];
    *k = (struct site_kernel){.name = mem_copy(cells[1].text ? cells[1].text : "")};
    snprintf(k->run, sizeof k->run, "%s", cells[2].text ? cells[2].text : "0");
    k->variants = cells[3].number > 0 ? (size_t)cells[3].number : 0;
    for (size_t i = 0; i < site->machine_count; i++)
        if (!strcmp(site->machines[i].name, cells[0].text ? cells[0].text : ""))
            k->machine = i;
    return 0;
}

/* A file name made of a kernel's name: what is no letter, digit, '_' or '-' is replaced, and a number keeps names apart. */
static char *page_name(const struct site *site, size_t kernel)
{
    const char *name = site->kernels[kernel].name;
    char *file;
    /* what the site has besides kernels' pages */
    bool taken = !strcmp(name, "index") || !strcmp(name, "machine") || text_starts(name, "history") ||
                 text_starts(name, "finding-") || !*name;

    if (kernel && !strcmp(site->kernels[kernel - 1].name, name))
        return mem_copy(site->kernels[kernel - 1].file);
    for (const char *c = name; *c; c++)
        taken |= !strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", *c);
    file = taken || strlen(name) > 100 ? mem_format("kernel-%zu.html", kernel + 1) : mem_format("%s.html", name);
    return file;
}

void site_link(struct site *site, size_t at, const char *file, const char *label)
{
    VEC_ROOM(site->links, site->link_count, site->link_capacity);
    memmove(site->links + at + 1, site->links + at, (site->link_count - at) * sizeof *site->links);
    site->links[at] = (struct page_link){file, label};
    site->link_count++;
}

static void add_link(struct site *site, const char *file, const char *label)
{
    site_link(site, site->link_count, file, label);
}

static void add_links(struct site *site)
{
    add_link(site, "index.html", "Overview");
    for (size_t i = 0; i < site->kernel_count; i++) {
        site->kernels[i].file = page_name(site, i);
        if (!i || strcmp(site->kernels[i].name, site->kernels[i - 1].name))
            add_link(site, site->kernels[i].file, site->kernels[i].name);
    }
    add_link(site, "machine.html", site->machine_count > 1 ? "Machines" : "Machine");
}

/* Behind a backfill: the newest commit's run instead of what was measured last, if it has this kernel (NULL: whatever it has). */
static int prefer_newest(struct site *site, char *run, size_t size, const char *kernel, struct err *e)
{
    int64_t newest, last = strtoll(run, NULL, 10);
    char text[24];
    const char *parameters[] = {text, kernel};
    double one;
    bool found = true;

    if (ref_newest_commit(site->store, last, &newest, e))
        return -1;
    snprintf(text, sizeof text, "%" PRId64, newest);
    if (kernel && newest != last &&
        store_number(site->store,
                     "SELECT 1 FROM launch l JOIN point p ON p.id = l.point WHERE l.run = ?1 AND p.kernel = ?2"
                     " AND p.role = '' AND l.status <> 'unavailable' LIMIT 1",
                     parameters, 2, &one, &found, e))
        return -1;
    if (found)
        snprintf(run, size, "%s", text);
    return 0;
}

static int prefer_newest_commits(struct site *site, struct err *e)
{
    for (size_t i = 0; i < site->machine_count; i++)
        if (prefer_newest(site, site->machines[i].run, sizeof site->machines[i].run, NULL, e))
            return -1;
    for (size_t i = 0; i < site->kernel_count; i++)
        if (prefer_newest(site, site->kernels[i].run, sizeof site->kernels[i].run, site->kernels[i].name, e))
            return -1;
    return 0;
}

int site_find(struct site *site, int64_t run, struct err *e)
{
    static const char machines[] =
        "SELECT name, id FROM (SELECT m.name, r.id, row_number() OVER (PARTITION BY m.name"
        "  ORDER BY r.scripted, r.started DESC, r.id DESC) AS nth FROM run r JOIN machine m ON m.id = r.machine"
        "  WHERE CASE WHEN CAST(?1 AS INTEGER) = 0 THEN r.status = 'complete' ELSE r.id = CAST(?1 AS INTEGER) END)"
        " WHERE nth = 1 ORDER BY name";
    static const char kernels[] =
        "SELECT name, kernel, id, variants FROM (SELECT m.name, k.kernel, r.id, k.variants,"
        "  row_number() OVER (PARTITION BY m.name, k.kernel ORDER BY r.scripted, k.measured DESC,"
        "    r.started DESC, r.id DESC) AS nth"
        "  FROM (SELECT p.kernel, l.run, count(DISTINCT p.variant) AS variants, max(l.status <> 'unavailable') AS "
        "measured"
        "    FROM point p JOIN launch l ON l.point = p.id WHERE p.role = '' GROUP BY p.kernel, l.run) k"
        "  JOIN run r ON r.id = k.run JOIN machine m ON m.id = r.machine"
        "  WHERE CASE WHEN CAST(?1 AS INTEGER) = 0 THEN r.status = 'complete' ELSE r.id = CAST(?1 AS INTEGER) END)"
        " WHERE nth = 1 ORDER BY kernel, name";
    char text[24];
    const char *parameters[] = {text};

    snprintf(text, sizeof text, "%lld", (long long)run);
    if (store_query(site->store, machines, parameters, 1, add_machine, site, e))
        return -1;
    if (!site->machine_count)
        return run ? err_set(e, CM_NOTHING, "%s has no run %lld", store_path(site->store), (long long)run)
                   : err_set(e, CM_NOTHING, "%s has no complete run to report on: countermark run makes one",
                             store_path(site->store));
    if (store_query(site->store, kernels, parameters, 1, add_kernel, site, e) ||
        (!run && prefer_newest_commits(site, e)))
        return -1;
    add_links(site);
    return 0;
}

void site_free(struct site *site)
{
    for (size_t i = 0; i < site->machine_count; i++) {
        free(site->machines[i].name);
        buf_free(&site->machines[i].headline);
    }
    for (size_t i = 0; i < site->kernel_count; i++) {
        free(site->kernels[i].name);
        free(site->kernels[i].file);
    }
    for (size_t i = 0; i < site->file_count; i++)
        free(site->files[i]);
    site_history_free(site);
    report_files_free(site->reports, site->report_count);
    free(site->machines);
    free(site->kernels);
    free(site->links);
    free(site->files);
    free(site->problem);
}

static void wrote(struct site *site, const char *file)
{
    VEC_ROOM(site->files, site->file_count, site->file_capacity);
    site->files[site->file_count++] = mem_copy(file);
}

int site_write(struct site *site, const char *file, struct buf *b, struct err *e)
{
    char *path = mem_format("%s/%s", site->plotter.folder, file);
    int result = file_replace(path, buf_text(b), b->length, e);

    if (!result)
        wrote(site, file);
    free(path);
    return result;
}

void site_page_begin(struct site *site, struct buf *b, const char *title, const char *file)
{
    page_begin(b, site->title, title, site->links, site->link_count, file);
    if (site->missing) {
        buf_add(b, "<p class=\"absent\">There are no plots here: ");
        page_text(b, site->missing);
        buf_add(b, "</p>\n");
    }
}

void site_wrote_plot(struct site *site, const char *stem, bool drawn, const char *problem)
{
    for (int form = 0; form < PLOT_FORMS && drawn; form++) {
        char *file = mem_format("%s%s.svg", stem, plot_suffix(form));

        wrote(site, file);
        free(file);
    }
    if (problem && !site->problem)
        site->problem = mem_format("%s: %s", stem, problem);
}

/* Plots without data, by reason. */
struct absences {
    char **reasons;
    struct buf *titles;
    size_t count, capacity;
};

static void add_absence(struct absences *a, const struct report_file *r, const struct plot *p)
{
    const char *reason = p->reading;
    size_t i = 0;

    if (!reason || !*reason)
        return; /* not of this page's concern */
    while (i < a->count && strcmp(a->reasons[i], reason))
        i++;
    if (i == a->count) {
        VEC_ROOM(a->reasons, a->count, a->capacity);
        a->titles = mem_grow(a->titles, a->capacity, sizeof *a->titles);
        a->titles[i] = (struct buf){0};
        a->reasons[a->count++] = mem_copy(reason);
    }
    buf_add(&a->titles[i], a->titles[i].length ? "; " : "");
    page_text(&a->titles[i], r->keys[REPORT_TITLE]);
}

static void write_absences(struct absences *a, struct buf *b)
{
    if (a->count && b)
        buf_add(b, "<h3>Not shown</h3>\n<ul class=\"facts\">\n");
    for (size_t i = 0; i < a->count; i++) {
        if (b) {
            buf_addf(b, "<li><strong>%s</strong>: ", buf_text(&a->titles[i]));
            page_text(b, a->reasons[i]);
            buf_add(b, "</li>\n");
        }
        free(a->reasons[i]);
        buf_free(&a->titles[i]);
    }
    if (a->count && b)
        buf_add(b, "</ul>\n");
    free(a->reasons);
    free(a->titles);
}

int site_plots(struct site *site, struct buf *b, const char *scope, const char *run, const char *kernel,
               const char *stem, struct buf *headline, struct err *e)
{
    const char *parameters[2] = {run, kernel};
    struct absences absent = {0};
    int result = 0;

    for (size_t i = 0; i < site->report_count && !result; i++) {
        const struct report_file *r = &site->reports[i];
        struct plot plot;
        char *name;

        if (!report_file_scope(r, scope))
            continue;
        name = mem_format("%s-%s", stem, r->name);
        result = plot_make(&site->plotter, r, parameters, name, &plot, e);
        free(name);
        if (result)
            break;
        site_wrote_plot(site, plot.stem, plot.drawn, plot.problem);
        if (plot.empty)
            add_absence(&absent, r, &plot);
        else
            page_plot(b, r, &plot);
        if (headline && !plot.empty && report_file_scope(r, "headline"))
            page_plot(headline, r, &plot);
        plot_free(&plot);
    }
    /* the overview is for what there is */
    write_absences(&absent, strcmp(scope, "overview") ? b : NULL);
    return result;
}

static int add_run_line(const struct cell *cells, size_t count, void *user, struct err *e)
{
    static const enum column_kind kinds[] = {COLUMN_TEXT,    COLUMN_TEXT, COLUMN_TIME,
                                             COLUMN_SECONDS, COLUMN_TEXT, COLUMN_TEXT};
    static const char *const words[] = {"Run ", ", plan ", ", ", ", took ", ". ", ""};
    struct buf *b = user;

    (void)e;
    buf_add(b, "<p class=\"facts\">");
    for (size_t i = 0; i < count && i < sizeof kinds / sizeof *kinds; i++) {
        if (!cells[i].text)
            continue;
        buf_add(b, words[i]);
        page_value(b, &cells[i], kinds[i]);
    }
    buf_add(b, "</p>\n");
    return 0;
}

int site_run_line(struct site *site, struct buf *b, const char *run, struct err *e)
{
    static const char sql[] =
        "SELECT r.id || CASE WHEN r.shards > 1 THEN printf(' (with the other shards of %d)', r.shards) ELSE '' END, "
        "r.plan,"
        " r.started, r.finished - r.started,"
        " CASE WHEN b.commit_id = '' THEN 'Outside a repository' ELSE 'Commit ' || substr(b.commit_id, 1, 12)"
        "   || CASE WHEN b.branch <> '' THEN ' on ' || b.branch ELSE '' END"
        "   || CASE WHEN b.subject <> '' THEN ': ' || b.subject ELSE '' END END"
        " || CASE WHEN b.dirty THEN ' (with changes that are not committed)' ELSE '' END || '. '"
        " || b.compiler || '. ',"
        " CASE WHEN r.status <> 'complete' THEN 'This run is ' || r.status || '. ' ELSE '' END"
        " || CASE WHEN r.scripted THEN 'Its numbers come from a script, not from a measurement. ' ELSE '' END"
        " FROM run r JOIN build b ON b.id = r.build WHERE r.id = ?1";

    return store_query(site->store, sql, &run, 1, add_run_line, b, e);
}
