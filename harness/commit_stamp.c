/* The outcome of a build, remembered as a small JSON file beside the worktree. What cannot be read was not built. */
#include "base/file.h"
#include "base/mem.h"
#include "commit_parts.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *stamp_path(const char *base)
{
    return mem_format("%s/outcome.json", base);
}

static bool same_text(const json_t *root, const char *key, const char *wanted)
{
    const char *stored = json_string_value(json_object_get(root, key));

    return stored && !strcmp(stored, wanted ? wanted : "");
}

void commit_stamp_read(const char *base, const struct config_build *b, struct commit_stamp *out)
{
    char *path = stamp_path(base);
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    const char *reason = json_string_value(json_object_get(root, "reason"));

    *out = (struct commit_stamp){0};
    if (same_text(root, "command", b->command) && same_text(root, "program", b->program) && reason) {
        out->known = true;
        out->built = json_is_true(json_object_get(root, "built"));
        out->reason = mem_copy(reason);
        out->seconds = json_number_value(json_object_get(root, "seconds"));
    }
    out->other = root && !out->known;
    json_decref(root);
    free(path);
}

int commit_stamp_write(const char *base, const struct config_build *b, const struct commit_stamp *s, struct err *e)
{
    char *path = stamp_path(base), *text;
    json_t *root = json_object();
    int failed;

    json_object_set_new(root, "command", json_string(b->command ? b->command : ""));
    json_object_set_new(root, "program", json_string(b->program ? b->program : ""));
    json_object_set_new(root, "built", json_boolean(s->built));
    json_object_set_new(root, "reason", json_string(s->reason ? s->reason : ""));
    json_object_set_new(root, "seconds", json_real(s->seconds));
    text = json_dumps(root, JSON_INDENT(2) | JSON_SORT_KEYS);
    json_decref(root);
    failed = text ? file_replace(path, text, strlen(text), e)
                  : err_set(e, CM_INTERNAL, "the outcome of a build cannot be written as JSON");
    free(text);
    free(path);
    return failed;
}

void commit_stamp_forget(const char *base)
{
    char *path = stamp_path(base);

    unlink(path);
    free(path);
}

void commit_stamp_touch(const char *base)
{
    char *path = stamp_path(base);

    utimensat(AT_FDCWD, path, NULL, 0);
    free(path);
}

void commit_stamp_free(struct commit_stamp *s)
{
    free(s->reason);
    *s = (struct commit_stamp){0};
}
