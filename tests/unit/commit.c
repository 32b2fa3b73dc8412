/* Commits of the past: which ones a range holds, their worktrees, what a build leaves behind, and what it said last. */
#include "store_fixture.h"

#include "../../harness/base/file.h"
#include "../../harness/base/text.h"
#include "../../harness/commit_parts.h"

#include <poll.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/time.h>

enum { TREES = 64 }; /* that are kept */

static void put(const char *path, const char *text)
{
    FINE(file_replace(path, text, strlen(text), e));
}

static void make_folder(const char *path)
{
    FINE(file_folder(path, e));
}

static void shell(const char *command)
{
    if (system(command))
        fail_msg("%s", command);
}

/* Three commits of a program that "compiles", and a merged one; a subject that would steer a terminal. */
static void make_repository(void)
{
    if (system("git --version >/dev/null 2>&1"))
        skip();
    shell("exec >/dev/null 2>&1; git init -q r && cd r && git checkout -q -b main && git config user.name S &&"
          " git config user.email s@example.org && git config commit.gpgsign false &&"
          " echo 1 >prog && chmod +x prog && git add . && git commit -q -m First && git tag c1 &&"
          " git checkout -q -b side && git commit -q --allow-empty -m Aside && git checkout -q main &&"
          " git commit -q --allow-empty -m \"$(printf 'Red \\033[31m\\302\\233 \\303\\244\\rend\\n\\nMore.')\" && git "
          "tag c2 &&"
          " git merge -q --no-ff -m Merge side && git tag c3");
}

static struct commit known(const char *revision)
{
    struct commit c;

    FINE(commit_of("r", revision, &c, e));
    return c;
}

static void ranges_hold_commits(void **state)
{
    struct commit_list list;
    struct commit c;

    (void)state;
    make_repository();
    FINE(commits_in("r", "c1..main", &list, e));
    assert_int_equal(list.count, 2); /* what the merge brought is its own line */
    assert_string_equal(list.items[0].subject, "Red  [31m   \xc3\xa4 end");
    assert_string_equal(list.items[1].subject, "Merge");
    assert_int_equal(strlen(list.items[1].parents), 81);
    commits_free(&list);
    FINE(commits_in("r", "c3..c1", &list, e));
    assert_int_equal(list.count, 0);
    c = known("c1");
    assert_string_equal(c.parents, "");
    commit_free(&c);
    REFUSED(commit_of("r", "c1..c2", &c, e), CM_USAGE, "is a range");
    REFUSED(commit_of("r", "c1^{tree}", &c, e), CM_USAGE, "is no commit");
    REFUSED(commit_of("r", "nothing", &c, e), CM_USAGE, "git knows no 'nothing' in r; `git log");
    REFUSED(commit_of("r", "0123456789012345678901234567890123456789", &c, e), CM_USAGE, "git knows no '0123");
    REFUSED(commits_in("r", "c1..--output=x", &list, e), CM_USAGE, "--output");
}

static void shallow_clones_end_somewhere(void **state)
{
    struct commit_list list;
    struct commit c;

    (void)state;
    make_repository();
    shell("git clone -q --depth 1 \"file://$PWD/r\" shallow >/dev/null 2>&1");
    FINE(commits_in("shallow", "HEAD", &list, e));
    assert_int_equal(list.count, 1);
    assert_null(list.items[0].parents); /* not known: that is no first commit */
    commits_free(&list);
    REFUSED(commit_of("shallow", "HEAD~1", &c, e), CM_USAGE, "git fetch --unshallow");
}

/* ---- worktrees */

/* To root every folder may be written; where it can, it is somebody else for a while. */
static bool become_nobody(const char *folder)
{
    char *command = mem_format("chown -R 65534 '%s' 2>/dev/null", folder);
    bool changed = geteuid() == 0 && system(command) == 0 && seteuid(65534) == 0;

    free(command);
    return changed;
}

static void whatever_a_build_left_is_removed(void **state)
{
    bool changed;

    (void)state;
    make_folder("outside");
    put("outside/kept", "x");
    make_folder("a/tree/cache/inner");
    put("a/tree/cache/inner/file", "x");
    assert_int_equal(symlink("../../outside", "a/tree/link"), 0);
    assert_int_equal(symlink("nowhere", "a/tree/dangling"), 0);
    assert_int_equal(chmod("a/tree/cache/inner", 0555) || chmod("a/tree/cache", 0555), 0);
    changed = become_nobody(fixture_folder);
    commit_tree_remove("a", ".");
    if (changed)
        assert_int_equal(seteuid(0), 0);
    assert_false(file_exists("a/tree"));
    assert_true(file_exists("outside/kept"));
}

/* A tree without a commit; what was used longest ago has the lowest number. */
static char *fake_tree(const char *home, int number)
{
    char *base = mem_format("%s/%040d", home, number), *path = mem_format("%s/tree", base);
    struct timeval times[2] = {{1000000 + number, 0}, {1000000 + number, 0}};

    make_folder(path);
    free(path);
    path = mem_format("%s/outcome.json", base);
    put(path, "{}");
    assert_int_equal(utimes(path, times), 0);
    free(path);
    return base;
}

static bool has_tree(const char *base)
{
    char *path = mem_format("%s/tree", base);
    bool there = file_exists(path);

    free(path);
    return there;
}

static bool disk_is_nearly_full(void)
{
    struct statvfs v;

    return statvfs(".", &v) == 0 && (double)v.f_bavail * (double)v.f_frsize < 2.1 * 1073741824.0;
}

static void the_oldest_worktree_makes_room(void **state)
{
    char *home, *bases[TREES], *base;
    struct commit c;
    int lock = -1;

    (void)state;
    make_repository();
    if (disk_is_nearly_full()) /* then more of them go */
        skip();
    c = known("c1");
    home = commit_home("x.db", NULL);
    for (int i = 0; i < TREES; i++)
        bases[i] = fake_tree(home, (i + 3) % TREES);
    FINE(commit_lock(bases[TREES - 3], false, false, &lock, e)); /* the oldest is in use */
    base = mem_format("%s/%s", home, c.id);
    make_folder(base);
    FINE(commit_tree_add(home, base, "r", c.id, e));
    assert_true(has_tree(base));
    for (int i = 0; i < TREES; i++)
        assert_int_equal(has_tree(bases[i]), i != TREES - 2);
    close(lock);
    for (int i = 0; i < TREES; i++)
        free(bases[i]);
    free(base);
    free(home);
    commit_free(&c);
}

/* ---- builds */

static void builds_are_kept(void **state)
{
    char make[] = "exit 0", other[] = "test ! -e ../outcome.json", fails[] = "echo 'x.c:1: error: no'; exit 1";
    char program[] = "prog", absent[] = "gone";
    struct config config = {.build = {.command = make, .program = program}};
    struct commit_build b;
    struct commit c;
    char *base;
    int lock = -1;

    (void)state;
    make_repository();
    c = known("c1");
    FINE(commit_build("x.db", &config, "r", &c, &b, e));
    assert_true(b.built && !b.cached);
    base = mem_copy_n(b.folder, strlen(b.folder) - strlen("/tree"));
    assert_int_equal(commit_lock(base, true, false, &lock, NULL), -1); /* nobody removes what is in use */
    FINE(commit_lock(base, false, false, &lock, e));                   /* but others may use it */
    close(lock);
    commit_build_free(&b);
    FINE(commit_build("x.db", &config, "r", &c, &b, e));
    assert_true(b.built && b.cached);
    commit_build_free(&b);
    /* Killed in the middle it would have no outcome; that of the build before is gone by then. */
    config.build.command = other;
    assert_int_equal(commit_build_known("x.db", &config, &c), -2);
    FINE(commit_build("x.db", &config, "r", &c, &b, e));
    assert_true(b.built);
    commit_build_free(&b);
    config.build.program = absent;
    FINE(commit_build("x.db", &config, "r", &c, &b, e));
    assert_string_equal(b.reason, "the build made no program gone");
    commit_build_free(&b);
    config.build.command = fails;
    FINE(commit_build("x.db", &config, "r", &c, &b, e));
    assert_false(b.built);
    assert_string_equal(b.reason, "x.c:1: error: no");
    assert_false(file_exists(b.folder));
    assert_true(file_exists(b.log));
    commit_build_free(&b);
    assert_int_equal(commit_build_known("x.db", &config, &c), 0);
    free(base);
    commit_free(&c);
}

/* ---- programs in a worktree */

/* What a shell did with the command; the pipe's other end is held by all that it started. */
static struct commit_end run_shell(const char *command, double timeout, bool *all_gone)
{
    char sh[] = "sh", option[] = "-c", *copy = mem_copy(command), *argv[] = {sh, option, copy, NULL};
    struct commit_process p = {.program = "/bin/sh", .argv = argv, .folder = ".", .log = "log", .timeout_s = timeout};
    struct commit_end end;
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    FINE(commit_execute(&p, &end, e));
    close(ends[1]);
    *all_gone = poll(&(struct pollfd){.fd = ends[0], .events = POLLIN}, 1, 10000) == 1;
    close(ends[0]);
    free(copy);
    return end;
}

static void nothing_is_left_running(void **state)
{
    struct commit_end end;
    bool gone;

    (void)state;
    end = run_shell("sleep 60 & exit 3", 0, &gone);
    assert_true(gone && end.status == 3 && !end.timed_out);
    end = run_shell("sleep 60", 0.02, &gone);
    assert_true(gone && end.timed_out);
    end = run_shell("kill -9 $$", 0, &gone);
    assert_true(gone && end.status == 128 + 9);
}

static void said(const char *log, const char *wanted)
{
    char *words;

    put("log", log);
    words = commit_last_words("log");
    assert_string_equal(words, wanted);
    free(words);
}

static void last_words(void **state)
{
    char *words, longest[1000];

    (void)state;
    said("", "it said nothing");
    said("\n \t\n", "it said nothing");
    said("CC a.c\nCC b.c\n\n", "CC b.c");
    said("a.c:1: error: first\nb.c:2: error: second\nlinking\n", "a.c:1: error: first");
    said("cannot find it\nmake[1]: *** [x] Error 1\nmake: *** [all] Error 2\n", "cannot find it");
    said("make: *** No rule to make target 'all'.  Stop.\n", "make: *** No rule to make target 'all'.  Stop.");
    said("a \x1b[31mred\x07 \xe2\x80\x98word\xe2\x80\x99 \xc3\xa4\r\n", "a  [31mred  'word' ?? ");
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    put("log", longest);
    words = commit_last_words("log");
    assert_int_equal(strlen(words), 300);
    free(words);
    words = commit_last_words("nowhere");
    assert_string_equal(words, "it said nothing");
    free(words);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(ranges_hold_commits),
        IN_FOLDER(shallow_clones_end_somewhere),
        IN_FOLDER(whatever_a_build_left_is_removed),
        IN_FOLDER(the_oldest_worktree_makes_room),
        IN_FOLDER(builds_are_kept),
        IN_FOLDER(nothing_is_left_running),
        IN_FOLDER(last_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
