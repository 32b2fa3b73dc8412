/*
 * Reference results, computed once per kernel, axes and build, and kept in a file: a header of one page that says
 * what the bytes are, then the bytes. A file is written beside its name and renamed, so that workers may race for it;
 * one that is damaged, or of anything else than asked for, is recognised and computed anew.
 */
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "registry.h"
#include "worker.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER 4096         /* keeps the bytes aligned */
#define LARGEST (64u << 20) /* reading more than this takes longer than computing it ... */
#define SLOW_NS_PER_BYTE 20 /* ... unless it takes this long: a picture of thousands of iterations a pixel */

/* Eight bytes at a time in four lanes: as fast as memory, where a byte-wise hash would take longer than the
 * execution. */
uint64_t worker_checksum(const void *bytes, size_t length)
{
    const unsigned char *p = bytes;
    uint64_t lane[4] = {length, 1, 2, 3}, rest[4] = {0};

    for (; length >= sizeof lane; length -= sizeof lane, p += sizeof lane)
        for (int i = 0; i < 4; i++) {
            uint64_t word;

            memcpy(&word, p + 8 * i, sizeof word);
            lane[i] = (lane[i] ^ word) * 0x9E3779B97F4A7C15u;
            lane[i] ^= lane[i] >> 29;
        }
    if (length)
        memcpy(rest, p, length);
    for (int i = 0; i < 4; i++)
        lane[i] = (lane[i] ^ rest[i]) * 0x9E3779B97F4A7C15u;
    return text_hash(lane, sizeof lane, 0);
}

static bool is_kernel_axis(const struct kernel *k, const char *name)
{
    for (const struct axis *a = k->axes; a && a->name; a++)
        if (!strcmp(a->name, name))
            return true;
    return false;
}

/* What the reference depends on. The variant's own axes are not part of it. */
static char *make_key(const struct launch_spec *spec, const struct kernel *k, const struct run *run)
{
    struct buf b = {0};

    buf_addf(&b, "%s version=%s code=%s seed=%" PRIu64, spec->kernel, k->version, registry_code_hash(spec->kernel, ""),
             run->seed);
    for (size_t i = 0; i < run->value_count; i++)
        if (is_kernel_axis(k, run->values[i].axis))
            buf_addf(&b, " %s=%s", run->values[i].axis, run->values[i].text);
    return buf_take(&b);
}

static bool make_header(char *page, const char *key, size_t bytes, uint64_t checksum, const struct work *w)
{
    int n;

    memset(page, 0, HEADER);
    n = snprintf(page, HEADER, "countermark reference 1\n%s\nbytes %zu\nchecksum %016" PRIx64 "\nwork %a %a %a %a\n",
                 key, bytes, checksum, w->elements, w->flops, w->bytes_read, w->bytes_written);
    return n > 0 && n < HEADER;
}

static bool parse_work(char *page, struct work *w)
{
    static const char word[] = "\nwork ";
    double *const numbers[] = {&w->elements, &w->flops, &w->bytes_read, &w->bytes_written};
    char *at = strstr(page, word);

    if (!at)
        return false;
    at += sizeof word - 1;
    for (size_t i = 0; i < 4; i++)
        *numbers[i] = strtod(at, &at);
    return *at == '\n';
}

/* The file's content if it is whole and what was asked for, else NULL. */
static char *load(const char *path, const char *key, size_t bytes, struct work *w)
{
    size_t length;
    char *file = file_exists(path) ? file_read(path, &length, NULL) : NULL;
    char expected[HEADER];

    if (!file)
        return NULL;
    if (length == HEADER + bytes && !file[HEADER - 1] && parse_work(file, w) &&
        make_header(expected, key, bytes, worker_checksum(file + HEADER, bytes), w) && !memcmp(expected, file, HEADER))
        return file;
    free(file);
    return NULL;
}

static char *compute(const struct kernel *k, struct run *run, struct work *w)
{
    char *memory;

    if (k->reference(run, w)) {
        if (!*run->error)
            snprintf(run->error, sizeof run->error, "the reference could not be computed");
        return NULL;
    }
    memory = malloc(HEADER + run->output_bytes);
    if (!memory) {
        snprintf(run->error, sizeof run->error, "no memory for a reference result of %zu bytes", run->output_bytes);
        return NULL;
    }
    if (run->output_bytes)
        memcpy(memory + HEADER, run->output, run->output_bytes);
    return memory;
}

/* Whether reading it will be quicker than computing it was. */
static bool worth_keeping(size_t bytes, int64_t computed_ns)
{
    return bytes <= LARGEST || (double)computed_ns > SLOW_NS_PER_BYTE * (double)bytes;
}

int worker_reference(const struct launch_spec *spec, const struct kernel *k, struct run *run, struct reference *out,
                     struct work *w)
{
    char *key = make_key(spec, k, run), *path = NULL, *memory = NULL;

    memset(w, 0, sizeof *w);
    if (spec->reference_folder && *spec->reference_folder)
        path = mem_format("%s/%s-%016" PRIx64 ".reference", spec->reference_folder, spec->kernel,
                          text_hash(key, strlen(key), 0));
    if (path)
        memory = load(path, key, run->output_bytes, w);
    if (!memory) {
        int64_t before = clock_ns();

        memory = compute(k, run, w);
        /* Without the file the next launch computes it again: slower, not wrong. */
        if (memory && path && worth_keeping(run->output_bytes, clock_ns() - before) &&
            !file_folder(spec->reference_folder, NULL) &&
            make_header(memory, key, run->output_bytes, worker_checksum(memory + HEADER, run->output_bytes), w))
            file_replace(path, memory, HEADER + run->output_bytes, NULL);
    }
    free(path);
    free(key);
    out->memory = memory;
    out->bytes = memory ? memory + HEADER : NULL;
    return memory ? 0 : -1;
}
