/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a small file whole. */
#include "sim/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int ear_file_read(const char *path, size_t most, char **ret, size_t *ret_len)
{
    int r = 0;
    char *text = NULL;
    size_t len = 0;
    struct stat s;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &s) != 0)
        r = -errno;
    else if (!S_ISREG(s.st_mode))
        r = -EINVAL;
    else if (s.st_size > (off_t)most)
        r = -EFBIG;
    if (r < 0)
        goto out;
    text = malloc((size_t)s.st_size + 1);
    if (!text)
        r = -ENOMEM;
    for (ssize_t n = 1; r == 0 && n != 0 && len < (size_t)s.st_size; len += (size_t)n) {
        n = read(fd, text + len, (size_t)s.st_size - len);
        if (n < 0) {
            r = -errno;
            n = 0;
        }
    }
out:
    if (fd >= 0)
        close(fd);
    if (r < 0) {
        free(text);
        return r;
    }
    *ret = text;
    *ret_len = len;
    return 0;
}
