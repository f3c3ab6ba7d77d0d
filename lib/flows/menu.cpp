// SPDX-License-Identifier: MIT
// Plays menus and goes where the choices lead.
#include "flows/key_input.hpp"

#include <costrix/agi/flows/menu.hpp>

#include <algorithm>
#include <stdexcept>

namespace costrix::inline COSTRIX_ABI::agi {
namespace detail {
namespace {

using Kind = MenuChoice::Kind;
using Match = KeyPattern::Match;

constexpr std::string_view kAllKeys = "0123456789*#ABCD";
constexpr std::size_t kMaxChoiceKeys = 64;

/// The menus from the outermost to the present one.
using Levels = std::vector<const MenuOptions*>;

/// The present menu's choices, and those of the outer ones that are everywhere.
std::vector<const MenuChoice*> choices_in(const Levels& levels) {
    std::vector<const MenuChoice*> found;
    for (auto level = levels.rbegin(); level != levels.rend(); ++level) {
        for (const auto& choice : (*level)->choices) {
            const bool own = level == levels.rbegin();
            const bool hidden = std::any_of(found.begin(), found.end(), [&](const auto* other) {
                return other->keys.text() == choice.keys.text();
            });
            if (own || (choice.everywhere && !hidden))
                found.push_back(&choice);
        }
    }
    return found;
}

/// Keys on their way to a choice.
class ChoiceSink final : public KeySink {
public:
    ChoiceSink(std::vector<const MenuChoice*> choices, const std::string& ends_with)
        : choices_(std::move(choices)), ends_with_(ends_with) {}

    std::string first_keys() const override {
        std::string keys;
        for (const char key : kAllKeys) {
            const std::string_view one(&key, 1);
            const bool begins = std::any_of(choices_.begin(), choices_.end(), [&](auto* choice) {
                return choice->keys.match(one) != Match::none;
            });
            if (begins)
                keys += key;
        }
        return keys;
    }
    std::string all_keys() const override { return std::string(kAllKeys); }

    Next take(char key) override {
        const auto longer = keys_ + key;
        const auto [full, partial] = look_up(longer);
        const bool ends = ends_with_.find(key) != std::string::npos;
        if (!full && !partial && ends && !keys_.empty())
            return Next::complete;
        keys_ = longer;
        return partial && keys_.size() < kMaxChoiceKeys ? Next::more : Next::complete;
    }

    const std::string& keys() const noexcept { return keys_; }
    /// What all keys together choose, keys that stand for themselves before patterns; or null.
    const MenuChoice* chosen() const noexcept {
        const MenuChoice* found = nullptr;
        for (const auto* choice : choices_) {
            const auto match = choice->keys.match(keys_);
            if (match != Match::full && match != Match::full_or_partial)
                continue;
            if (choice->keys.is_literal())
                return choice;
            found = found == nullptr ? choice : found;
        }
        return keys_.empty() ? nullptr : found;
    }

private:
    struct Found {
        bool full = false, partial = false;
    };
    Found look_up(std::string_view keys) const noexcept {
        Found found;
        for (const auto* choice : choices_) {
            const auto match = choice->keys.match(keys);
            found.full = found.full || match == Match::full || match == Match::full_or_partial;
            found.partial =
                found.partial || match == Match::partial || match == Match::full_or_partial;
        }
        return found;
    }

    std::vector<const MenuChoice*> choices_;
    const std::string& ends_with_;
    std::string keys_;
};

/// What the caller chose in one menu; without a choice, `end` says why.
struct Pick {
    const MenuChoice* choice = nullptr;
    std::string keys;
    AnswerEnd end = AnswerEnd::given;
};

asio::awaitable<Pick> pick(AGI& call, const Levels& levels) {
    const MenuOptions& menu = *levels.back();
    const auto choices = choices_in(levels);
    Tries tries(menu);
    const Prompt nothing;
    const Prompt* message = &nothing;
    for (;;) {
        ChoiceSink sink(choices, menu.ends_with);
        co_await collect(call, *message, menu, sink);
        Pick picked;
        picked.choice = sink.chosen();
        picked.keys = sink.keys();
        if (picked.choice != nullptr)
            co_return picked;
        const bool silent = picked.keys.empty();
        if (silent)
            tries.add_silence();
        else
            tries.add_wrong_answer();
        message = silent ? &menu.on_silence : &menu.on_invalid;
        if (!tries.left()) {
            co_await say_failure(call, menu, *message);
            picked.end = silent ? AnswerEnd::silence : AnswerEnd::invalid;
            picked.keys.clear();
            co_return picked;
        }
    }
}

/// The innermost handler for a caller who has no try left; null when there is none.
const Target* otherwise_of(const Levels& levels) {
    for (auto level = levels.rbegin(); level != levels.rend(); ++level) {
        if ((*level)->otherwise)
            return &(*level)->otherwise;
    }
    return nullptr;
}

/// Where the caller is.
class Position {
public:
    explicit Position(const MenuOptions& menu) : levels_{&menu} {}

    const Levels& levels() const noexcept { return levels_; }
    void enter(const MenuOptions& menu, std::string keys) {
        levels_.push_back(&menu);
        path_.push_back(std::move(keys));
    }
    /// False in the outermost menu.
    bool go_back() {
        if (levels_.size() == 1)
            return false;
        levels_.pop_back();
        path_.pop_back();
        return true;
    }
    void go_to_top() {
        levels_.resize(1);
        path_.clear();
    }
    Chosen end(AnswerEnd why, const std::string& keys = {}) const {
        Chosen chosen{why, keys, path_};
        if (!keys.empty())
            chosen.path.push_back(keys);
        return chosen;
    }

private:
    Levels levels_;
    std::vector<std::string> path_;
};

/// What is to happen after a choice.
asio::awaitable<Next>
follow(AGI& call, const Pick& picked, const Request* request, Position& position) {
    const MenuChoice& choice = *picked.choice;
    switch (choice.kind) {
    case Kind::leave:
        co_return Next::done;
    case Kind::handler:
        co_return co_await choice.target(call, picked.keys, request);
    case Kind::menu:
        position.enter(*choice.menu, picked.keys);
        co_return Next::repeat;
    case Kind::back:
        co_return Next::back;
    case Kind::top:
        position.go_to_top();
        co_return Next::repeat;
    case Kind::repeat:
        co_return Next::repeat;
    }
    co_return Next::done;
}

asio::awaitable<Chosen> run_menu(AGI& call, MenuOptions menu, const Request* request) {
    Position position(menu);
    for (;;) {
        const Pick picked = co_await pick(call, position.levels());
        if (picked.choice == nullptr) {
            const Target* otherwise = otherwise_of(position.levels());
            auto next = Next::done;
            if (otherwise != nullptr)
                next = co_await (*otherwise)(call, picked.keys, request);
            if (next == Next::done || (next == Next::back && !position.go_back()))
                co_return position.end(picked.end);
            continue;
        }
        const auto next = co_await follow(call, picked, request, position);
        if (next == Next::done)
            co_return position.end(AnswerEnd::given, picked.keys);
        if (next == Next::back && !position.go_back())
            co_return position.end(AnswerEnd::cancelled);
    }
}

}  // namespace

void throw_without_request() {
    throw std::logic_error("Menu: a handler takes the request, so call run(call, request)");
}

}  // namespace detail

Menu& Menu::add(detail::MenuChoice choice) {
    for (const auto& other : options_.choices) {
        if (other.keys.text() == choice.keys.text())
            throw std::invalid_argument(
                "Menu: there is a choice " + other.keys.text() + " already"
            );
    }
    options_.choices.push_back(std::move(choice));
    return *this;
}

Menu& Menu::add(KeyPattern keys, detail::Target target, std::string label) {
    return add({std::move(keys), detail::Kind::handler, std::move(target), {}, std::move(label)});
}

Menu& Menu::on(KeyPattern keys) {
    return add({std::move(keys), detail::Kind::leave, {}, {}, {}});
}

Menu& Menu::on(KeyPattern keys, Menu menu, std::string label) {
    auto options = std::make_shared<const detail::MenuOptions>(std::move(menu.options_));
    return add({std::move(keys), detail::Kind::menu, {}, std::move(options), std::move(label)});
}

Menu& Menu::back(KeyPattern keys) {
    return add({std::move(keys), detail::Kind::back, {}, {}, {}});
}

Menu& Menu::repeat(KeyPattern keys) {
    return add({std::move(keys), detail::Kind::repeat, {}, {}, {}});
}

Menu& Menu::top(KeyPattern keys) {
    return add({std::move(keys), detail::Kind::top, {}, {}, {}});
}

asio::awaitable<Chosen> Menu::run(AGI& call) const {
    return detail::run_menu(call, options_, nullptr);
}

asio::awaitable<Chosen> Menu::run(AGI& call, const Request& request) const {
    return detail::run_menu(call, options_, &request);
}

}  // namespace costrix::inline COSTRIX_ABI::agi
