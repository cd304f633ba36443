/* Kills the process at its n-th change of a file under a folder, by LD_PRELOAD.
 *
 * SOAK_LAKE    the folder; only what happens under it counts.
 * SOAK_WRITE   n, from 1; 0 or absent only counts.
 * SOAK_TORN    1: the n-th write is done by half, then the process is killed.
 * SOAK_REPORT  a file: gets a line "kill ..." before the kill, or "writes <count>" at the end.
 *
 * DuckDB, SQLite, Polars and Python all come here through the C library, so that kills land inside
 * a Parquet file or the catalogue's log, where nothing written in Python could put them.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *lake, *report;
static size_t lake_length;
static long target, count;
static int torn;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void) {
    const char *number = getenv("SOAK_WRITE"), *half = getenv("SOAK_TORN");
    lake = getenv("SOAK_LAKE");
    report = getenv("SOAK_REPORT");
    lake_length = lake ? strlen(lake) : 0;
    target = number ? atol(number) : 0;
    torn = half && *half == '1';
}

static void tell(const char *word, const char *what, const char *path) {
    char line[PATH_MAX + 64];
    int file = report ? open(report, O_WRONLY | O_APPEND | O_CREAT, 0600) : -1;
    int length = snprintf(line, sizeof line, "%s %s %ld %s\n", word, what, count, path);
    if (file >= 0 && REAL(write)(file, line, length) == length) close(file);
}

__attribute__((destructor)) static void end(void) {
    if (lake_length) tell("writes", "", "");
}

static int is_ours(const char *path) {
    return lake_length && strncmp(path, lake, lake_length) == 0 && path[lake_length] == '/';
}

static void die(const char *what, const char *path) {
    tell("kill", what, path + lake_length + 1);
    kill(getpid(), SIGKILL);
    pause();
}

/* 1 when this very change is the one to die at. */
static int is_due(const char *path) {
    return is_ours(path) && __atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST) == target;
}

static void at_path(const char *what, const char *path) {
    if (is_due(path)) die(what, path);
}

/* The length to write before dying; -1 to go on as if nothing were. */
static ssize_t at_file(const char *what, int file, size_t size, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = lake_length ? readlink(link, path, PATH_MAX - 1) : -1;
    if (length < 0) return -1;
    path[length] = 0;
    if (!is_due(path)) return -1;
    if (!torn || size < 2) die(what, path);
    return size / 2;
}

ssize_t write(int file, const void *data, size_t size) {
    char path[PATH_MAX];
    ssize_t half = at_file("write", file, size, path);
    if (half < 0) return REAL(write)(file, data, size);
    if (REAL(write)(file, data, half) < 0) return -1;
    die("torn write", path);
    return -1;
}

#define PWRITE(name, offset_type)                                                  \
    ssize_t name(int file, const void *data, size_t size, offset_type offset) {    \
        char path[PATH_MAX];                                                       \
        ssize_t half = at_file("pwrite", file, size, path);                        \
        if (half < 0) return REAL(name)(file, data, size, offset);                 \
        if (REAL(name)(file, data, half, offset) < 0) return -1;                   \
        die("torn pwrite", path);                                                  \
        return -1;                                                                 \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define ON_FILE(name)                        \
    int name(int file) {                     \
        char path[PATH_MAX];                 \
        at_file(#name, file, 0, path);       \
        return REAL(name)(file);             \
    }
ON_FILE(fsync)
ON_FILE(fdatasync)

#define TRUNCATE(name, size_type)            \
    int name(int file, size_type size) {     \
        char path[PATH_MAX];                 \
        at_file(#name, file, 0, path);       \
        return REAL(name)(file, size);       \
    }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

int rename(const char *from, const char *to) {
    at_path("rename", to);
    return REAL(rename)(from, to);
}

int unlink(const char *path) {
    at_path("unlink", path);
    return REAL(unlink)(path);
}

int mkdir(const char *path, mode_t mode) {
    at_path("mkdir", path);
    return REAL(mkdir)(path, mode);
}
