/* Programs of the user kept beside the database: what is copied, what is found again, what makes room. */
#include "../../harness/kept_command.h"
#include "../../harness/base/file.h"
#include "store_fixture.h"

#include <glob.h>
#include <sys/stat.h>

static void write_file(const char *path, const char *text, mode_t mode)
{
    assert_int_equal(file_replace(path, text, strlen(text), NULL), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static char *save(const char *point, char *const *command)
{
    char *hash = run_command_hash(command);
    const struct kept_name name = {point, "1", hash};
    struct err e = {0};

    assert_int_equal(kept_command_save("k.db", &name, command, "true", &e), 0);
    return hash;
}

static void copies_are_what_makes_the_program(void **state)
{
    char *hash, *const command[] = {(char[]){"./prog"}, (char[]){"run.sh"}, (char[]){"data"}, (char[]){"a word"}, NULL};
    struct kept_command kept;

    (void)state;
    write_file("prog", "\177ELF one", 0755);
    write_file("run.sh", "#!/bin/sh\n", 0644);
    write_file("data", "input", 0644);
    hash = save("command/prog", command);
    write_file("prog", "\177ELF two, longer", 0755);
    assert_null(kept_command_find("k.db", &(struct kept_name){"command/prog", "1", hash}, &kept));
    assert_non_null(strstr(kept.argv[0], "k.db.builds/commands/"));
    assert_true(kept.argv[0][0] == '/' && access(kept.argv[0], X_OK) == 0);
    assert_string_equal(kept.argv[1], "run.sh"); /* the file there is still the same */
    assert_string_equal(kept.argv[2], "data");
    assert_string_equal(kept.argv[3], "a word");
    assert_null(kept.argv[4]);
    assert_string_equal(kept.verify, "true");
    kept_command_free(&kept);

    write_file("run.sh", "#!/bin/sh\nexit 1\n", 0644);
    assert_null(kept_command_find("k.db", &(struct kept_name){"command/prog", "1", hash}, &kept));
    assert_non_null(strstr(kept.argv[1], "/1/run.sh"));
    kept_command_free(&kept);
    free(hash);
}

static void what_is_another_is_refused(void **state)
{
    char *hash, *why, *const command[] = {(char[]){"./prog"}, (char[]){"data"}, NULL};
    struct kept_command kept;

    (void)state;
    write_file("prog", "one", 0755);
    write_file("data", "input", 0644);
    hash = save("command/prog:n=1", command);
    write_file("data", "other input", 0644);
    why = kept_command_find("k.db", &(struct kept_name){"command/prog:n=1", "1", hash}, &kept);
    assert_string_equal(why, "files that its command line names are others by now");
    kept_command_free(&kept);
    free(why);

    why = kept_command_find("k.db", &(struct kept_name){"command/prog:n=2", "1", hash}, &kept);
    assert_string_equal(why, "the prog of then is not kept");
    kept_command_free(&kept);
    free(why);
    why = kept_command_find("k.db", &(struct kept_name){"command/prog:n=1", "2", hash}, &kept);
    assert_string_equal(why, "the prog of then is not kept");
    kept_command_free(&kept);
    free(why);
    free(hash);
}

/* A database brings a hash and a point, never a command line. */
static void nothing_is_started_that_was_not_kept_here(void **state)
{
    struct kept_command kept;
    char *why = kept_command_find("other.db", &(struct kept_name){"command/sh", "1", "../../x"}, &kept);

    (void)state;
    assert_string_equal(why, "the sh of then is not kept");
    assert_null(kept.argv);
    free(why);
    why = kept_command_find("other.db", &(struct kept_name){"command/sh", "1", ""}, &kept);
    assert_string_equal(why, "the sh of then is not kept");
    free(why);
}

static void what_was_used_longest_ago_makes_room(void **state)
{
    char *const command[] = {(char[]){"./prog"}, NULL};
    glob_t found = {0};

    (void)state;
    for (int i = 0; i < 70; i++) {
        char text[32];
        char *hash;

        snprintf(text, sizeof text, "many %d", i);
        write_file("prog", text, 0755);
        hash = save("command/prog:n=1", command);
        free(hash);
        hash = save("command/prog:n=2", command); /* all points of a program count as one */
        free(hash);
    }
    assert_int_equal(glob("k.db.builds/commands/*", 0, NULL, &found), 0);
    assert_int_equal(found.gl_pathc, 64);
    globfree(&found);
}

static void the_folder_must_be_that_of_then(void **state)
{
    char *hash, *why, *const command[] = {(char[]){"./prog"}, NULL};
    struct kept_command kept;

    (void)state;
    write_file("prog", "here", 0755);
    hash = save("command/prog", command);
    assert_int_equal(mkdir("elsewhere", 0755), 0);
    assert_int_equal(chdir("elsewhere"), 0);
    why = kept_command_find("../k.db", &(struct kept_name){"command/prog", "1", hash}, &kept);
    assert_int_equal(chdir(".."), 0);
    assert_non_null(strstr(why, "only there"));
    kept_command_free(&kept);
    free(why);
    free(hash);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_are_what_makes_the_program),
        cmocka_unit_test(what_is_another_is_refused),
        cmocka_unit_test(nothing_is_started_that_was_not_kept_here),
        cmocka_unit_test(what_was_used_longest_ago_makes_room),
        cmocka_unit_test(the_folder_must_be_that_of_then),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
