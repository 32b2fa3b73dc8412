/*
 * What a program of the user is made of: its file and the files that its arguments name (scripts, libraries, input). Their hash tells
 * whether two runs ran the same thing; it says nothing of what else the program loads.
 */
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "kept_command.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LARGE (64 << 20) /* bytes: such a file is known by its size and time alone */

/* Adds a regular file to the hash; true if it was one. */
static bool add_file(const char *path, uint64_t *hash)
{
    struct stat status;
    size_t length;
    char *bytes;

    if (stat(path, &status) || !S_ISREG(status.st_mode))
        return false;
    bytes = status.st_size > LARGE ? NULL : file_read(path, &length, NULL);
    if (bytes) {
        *hash = text_hash(bytes, length, *hash);
    } else {
        *hash = text_hash(&status.st_size, sizeof status.st_size, *hash);
        *hash = text_hash(&status.st_mtim.tv_sec, sizeof status.st_mtim.tv_sec, *hash);
    }
    free(bytes);
    return true;
}

/* A word that is no file may name a program all the same: taskset -c 1 PROGRAM. */
static void add_argument(const char *word, uint64_t *hash)
{
    char *program = add_file(word, hash) || !text_is_name(word) ? NULL : file_find_program(word);

    if (program)
        add_file(program, hash);
    free(program);
}

char *run_command_hash(char *const *command)
{
    uint64_t hash = 0;
    char *program = file_find_program(command[0]);
    bool known = program && add_file(program, &hash);

    free(program);
    if (!known)
        return mem_copy("");
    for (size_t i = 1; command[i]; i++)
        add_argument(command[i], &hash);
    return mem_format("%016" PRIx64, hash);
}
