// SPDX-License-Identifier: MIT
// Stands for libFuzzer where there is none: runs a fuzzer on files and on mutations of them.
#include "fuzz/input.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

std::vector<std::string> read_all(int count, char** paths) {
    std::vector<std::string> inputs;
    const auto add = [&inputs](const fs::path& file) {
        std::ifstream stream(file, std::ios::binary);
        inputs.emplace_back(
            std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()
        );
    };
    for (int i = 0; i < count; ++i) {
        if (fs::is_directory(paths[i])) {
            for (const auto& entry : fs::directory_iterator(paths[i]))
                add(entry.path());
        } else {
            add(paths[i]);
        }
    }
    std::sort(inputs.begin(), inputs.end());  // a folder has them in any order
    return inputs;
}

/// Overwrites, inserts, removes, cuts, or continues with another input's end.
std::string mutated(const std::vector<std::string>& inputs, std::mt19937& random) {
    const auto any = [&random](std::size_t size) { return size == 0 ? 0 : random() % size; };
    std::string text = inputs[any(inputs.size())];
    for (auto left = 1 + random() % 4; left > 0; --left) {
        const auto at = any(text.size());
        const auto byte = static_cast<char>(random() % 256);
        const auto& other = inputs[any(inputs.size())];
        switch (random() % 6) {
        case 0:
            if (!text.empty())
                text[at] = byte;
            break;
        case 1:
            text.insert(at, 1, byte);
            break;
        case 2:
            text.erase(at, 1 + random() % 8);
            break;
        case 3:
            text.resize(at);
            break;
        case 4:
            text += std::string(1 + random() % 8, byte);  // where the numbers are
            break;
        default:
            text = text.substr(0, at) + other.substr(any(other.size()));
            break;
        }
    }
    return text;
}

void run(const std::string& input) {
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::cerr << "usage: " << argv[0] << " MUTATIONS FILE_OR_FOLDER...\n";
        return 2;
    }
    const auto inputs = read_all(argc - 2, argv + 2);
    if (inputs.empty()) {
        std::cerr << argv[0] << ": no input there\n";
        return 2;
    }
    for (const auto& input : inputs)
        run(input);
    std::mt19937 random(1);  // the same on every machine, so that a failure can be repeated
    const int mutations = std::atoi(argv[1]);
    for (int i = 0; i < mutations; ++i)
        run(mutated(inputs, random));
    std::cout << inputs.size() << " inputs and " << mutations << " mutations\n";
}
