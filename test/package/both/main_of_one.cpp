// SPDX-License-Identifier: MIT
bool FLOW();

int main() {
    return FLOW() ? 0 : 1;
}
