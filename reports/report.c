/*
 * The site as a whole: pages are written to a fresh folder inside the target and moved into place at the end, index.html last, so
 * that an interrupted report leaves the older one as it was. report.files names what we wrote: only that is ever removed.
 */
#include "report.h"
#include "../harness/base/clock.h"
#include "../harness/base/file.h"
#include "../harness/base/mem.h"
#include "../harness/base/text.h"
#include "report_site.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MANIFEST "report.files"
#define SCRATCH ".countermark-"
#define ABANDONED_SECONDS 3600

/* Removes a folder of ours with the files in it. */
static void remove_folder(const char *path)
{
    DIR *d = opendir(path);

    for (struct dirent *entry; d && (entry = readdir(d));)
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
            unlinkat(dirfd(d), entry->d_name, 0);
    if (d)
        closedir(d);
    rmdir(path);
}

/* Scratch folders that killed reports left behind; a young one may belong to a report that is being written now. */
static void remove_abandoned(const char *folder)
{
    DIR *d = opendir(folder);

    for (struct dirent *entry; d && (entry = readdir(d));) {
        char *path = text_starts(entry->d_name, SCRATCH) ? mem_format("%s/%s", folder, entry->d_name) : NULL;
        struct stat s;

        if (path && !lstat(path, &s) && S_ISDIR(s.st_mode) && s.st_mtime + ABANDONED_SECONDS < clock_wall_seconds())
            remove_folder(path);
        free(path);
    }
    if (d)
        closedir(d);
}

static bool written(const struct site *site, const char *name)
{
    for (size_t i = 0; i < site->file_count; i++)
        if (!strcmp(site->files[i], name))
            return true;
    return false;
}

/* Files of the older report that this one does not have. The list is a file that anybody may edit: names only, no paths. */
static void remove_stale(const struct site *site, const char *folder)
{
    char *path = mem_format("%s/" MANIFEST, folder), *text = file_read(path, NULL, NULL), *rest = NULL;

    for (char *name = text ? strtok_r(text, "\n", &rest) : NULL; name; name = strtok_r(NULL, "\n", &rest)) {
        const char *ending = strrchr(name, '.');

        if (text_is_name(name) && *name != '.' && ending && !written(site, name) &&
            (!strcmp(ending, ".svg") || !strcmp(ending, ".html"))) {
            char *stale = mem_format("%s/%s", folder, name);

            unlink(stale);
            free(stale);
        }
    }
    free(text);
    free(path);
}

static int move(const char *from, const char *to, const char *name, struct err *e)
{
    char *source = mem_format("%s/%s", from, name), *target = mem_format("%s/%s", to, name);
    int result = rename(source, target) ? err_set(e, CM_INTERNAL, "cannot write %s: %s", target, strerror(errno)) : 0;

    free(source);
    free(target);
    return result;
}

/* Plots and style first, then pages, then the list of files; the overview, written last, is moved last. */
static int publish(struct site *site, const char *folder, struct err *e)
{
    struct buf list = {0};
    int result = 0;

    for (size_t i = 0; i < site->file_count; i++)
        buf_addf(&list, "%s\n", site->files[i]);
    remove_stale(site, folder);
    for (size_t i = 0; i < site->file_count && !result; i++)
        result = move(site->plotter.folder, folder, site->files[i], e);
    if (!result) {
        char *path = mem_format("%s/" MANIFEST, folder);

        result = file_replace(path, buf_text(&list), list.length, e);
        free(path);
    }
    buf_free(&list);
    return result;
}

static int pages(struct site *site, struct err *e)
{
    struct buf css = {0};
    int result;

    buf_add(&css, report_css);
    result = site_write(site, "style.css", &css, e);
    buf_free(&css);
    if (result || site_kernel_pages(site, e) || site_history(site, e) || site_machine_page(site, e) ||
        site_overview(site, e))
        return -1;
    return 0;
}

/* A folder of its own inside `folder`, so that moving files is renaming them. */
static char *make_folder(const char *folder, const char *what, struct err *e)
{
    char *path = mem_format("%s/" SCRATCH "%s-XXXXXX", folder, what);

    if (mkdtemp(path))
        return path;
    err_set(e, CM_INTERNAL, "cannot write into %s: %s", folder, strerror(errno));
    free(path);
    return NULL;
}

static int build(struct site *site, const char *folder, struct err *e)
{
    char *fresh = make_folder(folder, "new", e), *scratch = fresh ? make_folder(folder, "plot", e) : NULL;
    int result = -1;

    remove_abandoned(folder);
    if (scratch) {
        site->plotter.folder = fresh;
        site->plotter.scratch = scratch;
        result = pages(site, e);
        if (!result)
            result = publish(site, folder, e);
        remove_folder(scratch);
    }
    if (fresh)
        remove_folder(fresh);
    free(fresh);
    free(scratch);
    return result;
}

int report_site(struct store *s, const struct report_options *o, char **note, struct err *e)
{
    char *gnuplot = plot_find_gnuplot(o->gnuplot), *folder = NULL;
    struct site site = {
        .store = s, .title = o->title ? o->title : "countermark", .plotter = {.store = s, .program = gnuplot}};
    int result = -1;

    if (note)
        *note = NULL;
    store_tables_forget(s);
    if (!gnuplot)
        site.missing = "gnuplot was not found, so this report has tables alone; install gnuplot-nox and run "
                       "countermark report again";
    if (!report_files(&site.reports, &site.report_count, e) && !site_find(&site, o->run, e) &&
        (o->run || !site_history_read(&site, e)) && !file_folder(o->folder, e)) {
        folder = realpath(o->folder, NULL);
        result = folder ? build(&site, folder, e)
                        : err_set(e, CM_INTERNAL, "cannot write into %s: %s", o->folder, strerror(errno));
    }
    if (!result && note && (site.missing || site.problem))
        *note = mem_copy(site.missing ? site.missing : site.problem);
    site_free(&site);
    free(folder);
    free(gnuplot);
    return result;
}
