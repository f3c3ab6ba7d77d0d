// SPDX-License-Identifier: MIT
// Whether a test runs the full numbers of docs/performance.md, and what it measures.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <iomanip>
#include <iterator>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace costrix::test {

/// Set COSTRIX_AUDIO_FULL=1 for the full numbers, which take minutes.
inline bool audio_full() {
    const char* given = std::getenv("COSTRIX_AUDIO_FULL");
    return given && *given == '1';
}

inline std::size_t open_descriptors() {
    namespace fs = std::filesystem;
    const auto begin = fs::directory_iterator("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin, fs::directory_iterator()));
}
/// Waits until so many are open; false if there are others after 5 s.
inline bool are_open(std::size_t descriptors) {
    for (int i = 0; i < 500 && open_descriptors() > descriptors; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return open_descriptors() <= descriptors;
}

class Figures {
public:
    Figures(std::string name, std::string unit) : name_(std::move(name)), unit_(std::move(unit)) {}

    void add(double value) { values_.push_back(value); }
    /// Smallest, median, 99th percentile, largest.
    std::string text() {
        std::sort(values_.begin(), values_.end());
        std::ostringstream out;
        out << std::fixed << std::setprecision(1) << name_ << ", " << unit_ << ": ";
        if (!values_.empty())
            out << "min " << values_.front() << ", median " << at(0.5) << ", p99 " << at(0.99)
                << ", max " << values_.back() << ", n " << values_.size();
        out << '\n';
        return out.str();
    }

private:
    double at(double share) const {
        const auto rank = std::ceil(share * static_cast<double>(values_.size()));
        return values_[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
    }

    std::string name_, unit_;
    std::vector<double> values_;
};

}  // namespace costrix::test
