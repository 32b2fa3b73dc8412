/*
 * See kept_command.h. Copied are the program itself, unless it was found through PATH, and arguments that can be executed or begin like
 * a script: input stays where it is. What is started again always comes from the copies, so old and new have paths of one length;
 * an argument is replaced only where the file there is another by now. Whether all that together is what was measured is asked of
 * the contents, not of the names.
 */
#include "kept_command.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LARGE (64 << 20) /* bytes: such a file is not copied */
#define MOST 64          /* kept programs of a database, each with all its points */

/* Where the copies are, once for all points. */
static char *program_of(const char *database, const struct kept_name *name)
{
    return mem_format("%s.builds/commands/%s", database, name->hash);
}

/* Of a point, up to the folder in which it was measured. */
static char *point_of(const char *database, const struct kept_name *name)
{
    uint64_t hash = text_hash(name->point, strlen(name->point) + 1, 0);

    hash = text_hash(name->version, strlen(name->version) + 1, hash);
    return mem_format("%s.builds/commands/%s/%016" PRIx64 "-", database, name->hash, hash);
}

/* One for each folder: what is measured in one says nothing of how to start it in another. */
static char *folder_of(const char *database, const struct kept_name *name)
{
    char *here = getcwd(NULL, 0), *point = point_of(database, name), *folder;

    folder = mem_format("%s%016" PRIx64, point, text_hash(here ? here : "", here ? strlen(here) : 0, 0));
    free(point);
    free(here);
    return folder;
}

/* The command line as measured here, or, to tell where, elsewhere. */
static json_t *read_line(const char *database, const struct kept_name *name, const char *folder)
{
    char *line = mem_format("%s/command.json", folder), *pattern = point_of(database, name);
    json_t *root = json_load_file(line, JSON_REJECT_DUPLICATES, NULL);
    glob_t found = {0};

    free(line);
    line = mem_format("%s*/command.json", pattern);
    if (!root && !glob(line, 0, NULL, &found))
        root = json_load_file(found.gl_pathv[0], JSON_REJECT_DUPLICATES, NULL);
    globfree(&found);
    free(pattern);
    free(line);
    return root;
}

static bool is_script(const char *path)
{
    char begin[2] = {0};
    int file = open(path, O_RDONLY | O_CLOEXEC);
    bool script = file >= 0 && read(file, begin, 2) == 2 && begin[0] == '#' && begin[1] == '!';

    if (file >= 0)
        close(file);
    return script;
}

/* Is this word of a command line to be copied? A program of the system is left to the system. */
static bool is_part(const char *word, size_t index)
{
    struct stat s;

    if ((index == 0 && !strchr(word, '/')) || stat(word, &s) || !S_ISREG(s.st_mode) || s.st_size > LARGE)
        return false;
    return index == 0 || access(word, X_OK) == 0 || is_script(word);
}

/* The copy of word `index`: under its own name, for what looks at argv[0]. */
static char *copy_of(const char *folder, size_t index, const char *word)
{
    const char *slash = strrchr(word, '/');

    return mem_format("%s/%zu/%s", folder, index, slash ? slash + 1 : word);
}

static bool same_contents(const char *a, const char *b)
{
    uint64_t x, y;

    return !file_hash(a, &x, NULL) && !file_hash(b, &y, NULL) && x == y;
}

static int copy_part(const char *folder, size_t index, const char *word, struct err *e)
{
    char *copy = copy_of(folder, index, word), *slash;
    int failed;

    slash = strrchr(copy, '/');
    *slash = '\0';
    failed = file_folder(copy, e);
    *slash = '/';
    failed = failed || (!same_contents(word, copy) && file_copy(word, copy, e));
    free(copy);
    return failed ? -1 : 0;
}

/* Written last: without it the folder is not whole. */
static int write_line(const char *folder, char *const *command, const char *verify, struct err *e)
{
    char *here = getcwd(NULL, 0), *path = mem_format("%s/command.json", folder), *text = NULL;
    json_t *root = json_object(), *words = json_array();
    int failed = 0;

    for (size_t i = 0; command[i]; i++)
        failed |= json_array_append_new(words, json_string(command[i])); /* refused: no UTF-8 */
    json_object_set_new(root, "command", words);
    json_object_set_new(root, "folder", json_string(here ? here : ""));
    if (verify)
        json_object_set_new(root, "verify", json_string(verify));
    if (!failed)
        text = json_dumps(root, JSON_INDENT(2) | JSON_SORT_KEYS);
    failed = text ? file_replace(path, text, strlen(text), e)
                  : err_set(e, CM_INTERNAL, "the command line holds text that is no UTF-8");
    free(text);
    json_decref(root);
    free(path);
    free(here);
    return failed;
}

struct aged {
    char *path;
    int64_t used;
};

static int oldest_first(const void *a, const void *b)
{
    const struct aged *x = a, *y = b;

    return (x->used > y->used) - (x->used < y->used);
}

static void make_room(const char *database)
{
    char *pattern = mem_format("%s.builds/commands/*", database);
    glob_t found = {0};

    if (!glob(pattern, GLOB_NOSORT, NULL, &found) && found.gl_pathc > MOST) {
        struct aged *list = mem_new(found.gl_pathc, sizeof *list);

        for (size_t i = 0; i < found.gl_pathc; i++) {
            struct stat s = {0};

            list[i].path = found.gl_pathv[i];
            list[i].used = stat(list[i].path, &s) ? 0 : (int64_t)s.st_mtim.tv_sec * 1000000000 + s.st_mtim.tv_nsec;
        }
        qsort(list, found.gl_pathc, sizeof *list, oldest_first);
        for (size_t i = 0; i + MOST < found.gl_pathc; i++)
            file_remove_all(list[i].path);
        free(list);
    }
    globfree(&found);
    free(pattern);
}

/* Points of one program are used together: it is what ages. */
static void touch(const char *program)
{
    utimensat(AT_FDCWD, program, NULL, 0);
}

int kept_command_save(const char *database, const struct kept_name *name, char *const *command, const char *verify,
                      struct err *e)
{
    char *folder, *line, *program;
    int failed = 0;

    if (!text_is_name(name->hash))
        return err_set(e, CM_INTERNAL, "%s could not be read", command[0]);
    folder = folder_of(database, name);
    program = program_of(database, name);
    line = mem_format("%s/command.json", folder);
    if (!file_exists(line)) {
        failed = file_folder(folder, e);
        for (size_t i = 0; command[i] && !failed; i++)
            failed = is_part(command[i], i) ? copy_part(program, i, command[i], e) : 0;
        failed = failed || write_line(folder, command, verify, e);
        make_room(database);
    }
    touch(program);
    free(line);
    free(program);
    free(folder);
    return failed ? -1 : 0;
}

/* The words as they were, copies in the place of files that are not there or others by now. */
static void take_words(const char *folder, const json_t *words, struct kept_command *out)
{
    size_t count = json_array_size(words);

    out->argv = mem_new(count + 1, sizeof *out->argv);
    for (size_t i = 0; i < count; i++) {
        const char *word = json_string_value(json_array_get(words, i));
        char *copy = copy_of(folder, i, word ? word : ""), *whole = realpath(copy, NULL);

        if (whole && file_exists(whole) && (i == 0 || !same_contents(whole, word)))
            out->argv[i] = mem_copy(whole);
        else
            out->argv[i] = mem_copy(word ? word : "");
        free(whole);
        free(copy);
    }
}

static char *check_folder(const json_t *root)
{
    const char *folder = json_string_value(json_object_get(root, "folder"));
    char *here = getcwd(NULL, 0), *why = NULL;

    if (!folder || !here || strcmp(folder, here))
        why = mem_format("it was measured in %.300s, and can be measured again only there", folder ? folder : "?");
    free(here);
    return why;
}

char *kept_command_find(const char *database, const struct kept_name *name, struct kept_command *out)
{
    char *folder = folder_of(database, name), *program = program_of(database, name), *why = NULL, *hash;
    const char *file = strchr(name->point, '/');
    json_t *root = read_line(database, name, folder);
    const json_t *words = json_object_get(root, "command");

    *out = (struct kept_command){0};
    if (!text_is_name(name->hash) || json_array_size(words) == 0) {
        why = mem_format("the %.*s of then is not kept", (int)strcspn(file ? file + 1 : "", ":"), file ? file + 1 : "");
    } else if (!(why = check_folder(root))) {
        const char *verify = json_string_value(json_object_get(root, "verify"));

        take_words(program, words, out);
        out->verify = verify ? mem_copy(verify) : NULL;
        hash = run_command_hash(out->argv);
        if (strcmp(hash, name->hash))
            why = mem_copy("files that its command line names are others by now");
        free(hash);
        touch(program);
    }
    json_decref(root);
    free(program);
    free(folder);
    return why;
}

void kept_command_use(const char *database, const struct kept_name *name)
{
    char *program = program_of(database, name);

    if (text_is_name(name->hash))
        touch(program);
    free(program);
}

void kept_command_free(struct kept_command *c)
{
    for (size_t i = 0; c->argv && c->argv[i]; i++)
        free(c->argv[i]);
    free(c->argv);
    free(c->verify);
    *c = (struct kept_command){0};
}
