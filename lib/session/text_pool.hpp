// SPDX-License-Identifier: MIT
// Memory for lines and replies, handed from the sessions that end to those that begin.
#pragma once

#include <cstddef>
#include <new>
#include <string>
#include <utility>
#include <vector>

namespace costrix::agi::detail {

/// Empty strings that have some memory already. Each thread has its own.
class TextPool {
public:
    /// One with memory, when there is one left.
    static std::string take() noexcept {
        if (!alive() || texts().empty())
            return {};
        auto text = std::move(texts().back());
        texts().pop_back();
        return text;
    }

    /// Keeps the memory of a text, up to 256 texts of 1 KiB.
    static void keep(std::string&& text) noexcept {
        if (text.capacity() < kLeast || text.capacity() > kMost)
            return;
        try {
            if (alive() && texts().size() < kTexts) {
                text.clear();
                texts().push_back(std::move(text));
            }
        } catch (const std::bad_alloc&) {  // then it is not kept
        }
    }

private:
    static constexpr std::size_t kLeast = 16, kMost = 1024, kTexts = 256;

    struct Texts {
        std::vector<std::string> texts;
        ~Texts() { alive() = false; }
    };
    /// False at the end of a thread: a session may live longer, in something static.
    static bool& alive() noexcept {
        static thread_local bool alive = true;
        return alive;
    }
    static std::vector<std::string>& texts() noexcept {
        static thread_local Texts own;
        return own.texts;
    }
};

}  // namespace costrix::agi::detail
