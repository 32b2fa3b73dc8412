/*
 * The files that a check leaves for build servers: JUnit XML, the summary as Markdown, and the pictures beside it, one per finding. They
 * are written before the verdict's exit code is given, each as a whole.
 */
#include "gate_model.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void gate_writer(const struct gate *g, struct buf *out);

static int write_file(const struct gate *g, const char *path, gate_writer *writer, struct err *e)
{
    struct buf b = {0};
    int failed;

    if (!path)
        return 0;
    writer(g, &b);
    text_disarm(b.text, true);
    failed = file_replace(path, buf_text(&b), b.length, e);
    buf_free(&b);
    return failed;
}

/* The folder of pictures: as asked for, else the Markdown's name without its ending. free() */
static char *folder_of(const struct gate_options *o)
{
    const char *slash = strrchr(o->markdown, '/'), *dot = strrchr(slash ? slash : o->markdown, '.');
    size_t length = dot && dot > (slash ? slash + 1 : o->markdown) ? (size_t)(dot - o->markdown) : strlen(o->markdown);

    return o->pictures ? mem_copy(o->pictures) : mem_format("%.*s-pictures", (int)length, o->markdown);
}

/* The way from one folder to another, both real paths: "../pictures", "" for itself. free() */
static char *way(const char *from, const char *to)
{
    struct buf b = {0};
    size_t same = 0, up = 0;

    for (size_t i = 0;; i++) {
        if ((!from[i] || from[i] == '/') && (!to[i] || to[i] == '/'))
            same = i;
        if (!from[i] || from[i] != to[i])
            break;
    }
    for (const char *c = from + same; *c; c++)
        up += *c == '/' && c[1];
    while (up--)
        buf_add(&b, "../");
    buf_add(&b, to[same] == '/' ? to + same + 1 : to + same);
    return buf_take(&b);
}

/* How the Markdown names the folder: the address as given, else the way from where the Markdown lies. free() */
static char *link_of(const struct gate_options *o, const char *folder)
{
    const char *slash = strrchr(o->markdown, '/');
    char *beside = slash ? mem_copy_n(o->markdown, (size_t)(slash - o->markdown) + 1) : mem_copy(".");
    char *from = realpath(beside, NULL), *to = realpath(folder, NULL), *link;

    if (o->pictures_url)
        link = mem_copy(o->pictures_url);
    else
        link = from && to ? way(from, to) : mem_copy(folder);
    free(beside);
    free(from);
    free(to);
    return link;
}

static int write_picture(struct gate_finding *f, const char *folder, const char *link, struct err *e)
{
    char *path = mem_format("%s/F%d.svg", folder, f->number);
    struct buf b = {0};
    int failed;

    gate_write_picture(f, &b);
    failed = file_replace(path, buf_text(&b), b.length, e);
    if (!failed)
        f->picture = mem_format("%s%sF%d.svg", link, *link && link[strlen(link) - 1] != '/' ? "/" : "", f->number);
    buf_free(&b);
    free(path);
    return failed;
}

static int write_pictures(struct gate *g, struct err *e)
{
    char *folder = folder_of(g->options), *link = NULL;
    int failed = 0;

    for (size_t i = 0; i < g->finding_count && !failed; i++) {
        if (!gate_has_picture(&g->findings[i]))
            continue;
        if (!link && file_folder(folder, e))
            failed = -1;
        else if (!link)
            link = link_of(g->options, folder);
        failed = failed || write_picture(&g->findings[i], folder, link, e) ? -1 : 0;
    }
    free(link);
    free(folder);
    return failed;
}

int gate_write_files(struct gate *g, struct err *e)
{
    const struct gate_options *o = g->options;

    if (gate_past_load(g, e) || (o->markdown && write_pictures(g, e)))
        return -1;
    return write_file(g, o->junit, gate_write_junit, e) || write_file(g, o->markdown, gate_write_markdown, e) ? -1 : 0;
}
