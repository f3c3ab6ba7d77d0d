// SPDX-License-Identifier: MIT
// A classic AGI script with nothing but read and write: what start_up measures others by.
#include <string.h>
#include <unistd.h>

int main(void) {
    char buffer[65536];
    size_t size = 0;
    do {
        const ssize_t got = read(0, buffer + size, sizeof buffer - size);
        if (got <= 0)
            return 1;
        size += (size_t)got;
    } while (size < 2 || memcmp(buffer + size - 2, "\n\n", 2) != 0);
    if (write(1, "ANSWER\n", 7) != 7)
        return 1;
    return read(0, buffer, sizeof buffer) <= 0;
}
