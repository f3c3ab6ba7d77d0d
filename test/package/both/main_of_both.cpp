// SPDX-License-Identifier: MIT
// Both in one program.
#include <cstdio>

bool flow_agi();
bool flow_agi_boost();

int main() {
    const bool standalone = flow_agi();
    const bool boost = flow_agi_boost();
    std::printf("standalone: %d, Boost: %d\n", standalone, boost);
    return standalone && boost ? 0 : 1;
}
