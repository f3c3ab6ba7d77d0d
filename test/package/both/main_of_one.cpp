// SPDX-License-Identifier: MIT
// A program with the server of one Asio.
bool FLOW();

int main() {
    return FLOW() ? 0 : 1;
}
