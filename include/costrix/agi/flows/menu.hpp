// SPDX-License-Identifier: MIT
// Menu: choices by key, nested as deep as needed, with ways back.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/flows/confirm.hpp>
#include <costrix/agi/flows/key_pattern.hpp>
#include <costrix/agi/request.hpp>

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi {

/// Where a menu goes on after what a choice did.
enum class Next : std::uint8_t {
    done,    ///< The menu has ended.
    repeat,  ///< The same menu again, with all its tries.
    back,    ///< The menu before.
};

/// What became of a Menu.
struct Chosen {
    /// `given` for a choice; `cancelled` when the caller went back from the outermost menu.
    AnswerEnd end = AnswerEnd::silence;
    std::string keys;               ///< The keys of the last choice; empty when there is none.
    std::vector<std::string> path;  ///< The keys of all choices that led there, outermost first.

    /// True when a choice was made.
    explicit operator bool() const noexcept { return end == AnswerEnd::given; }
};

class Menu;

namespace detail {

struct MenuOptions;

/// What a choice does.
using Target = std::function<asio::awaitable<Next>(AGI&, const std::string& keys, const Request*)>;

/// Throws std::logic_error: a handler wants the request, and run() had none.
[[noreturn]] void throw_without_request();

template <class F>
concept TakesCall = std::is_invocable_v<const F&, AGI&>;
template <class F>
concept TakesKeys = std::is_invocable_v<const F&, AGI&, const std::string&>;
template <class F>
concept TakesRequest = std::is_invocable_v<const F&, AGI&, const Request&>;
template <class F>
concept MenuHandler = TakesCall<F> || TakesKeys<F> || TakesRequest<F>;

template <MenuHandler F>
auto invoke_handler(const F& f, AGI& call, const std::string& keys, const Request* request) {
    if constexpr (TakesCall<F>) {
        return f(call);
    } else if constexpr (TakesKeys<F>) {
        return f(call, keys);
    } else {
        if (request == nullptr)
            throw_without_request();
        return f(call, *request);
    }
}

/// `f`, `keys` and `request` are in the frame of the menu, which awaits this.
template <MenuHandler F>
asio::awaitable<Next>
run_handler(const F& f, AGI& call, const std::string& keys, const Request* request) {
    auto work = invoke_handler(f, call, keys, request);
    if constexpr (std::is_same_v<decltype(work), asio::awaitable<Next>>) {
        co_return co_await std::move(work);
    } else {
        co_await std::move(work);
        co_return Next::done;
    }
}

template <MenuHandler F>
Target make_target(F handler) {
    return
        [handler = std::move(handler)](AGI& call, const std::string& keys, const Request* request) {
            return run_handler(handler, call, keys, request);
        };
}

struct MenuChoice {
    enum class Kind : std::uint8_t { leave, handler, menu, back, repeat, top };

    KeyPattern keys;
    Kind kind;
    Target target;
    std::shared_ptr<const MenuOptions> menu;
    std::string label;
    bool everywhere = false;
};

struct MenuOptions : QuestionOptions {
    std::vector<MenuChoice> choices;
    Target otherwise;
    std::string otherwise_label;
};

}  // namespace detail

/// A menu: a prompt, and what the caller can choose by keys.
///
///     agi::Menu menu("main-menu");
///     menu.on("1", sales).on("2", support).on("2X", room).repeat('9').otherwise(to_operator);
///     const agi::Chosen chosen = co_await menu.run(call, request);
///
/// A choice is made as soon as no longer one is possible, else when an end key is pressed or the
/// time for the next key is over: then all keys together must be a choice. A key that begins no
/// choice does not interrupt the prompt; after it, it is a wrong answer. Each menu has its own
/// messages, times and tries (see Question).
class Menu : public Question<Menu, detail::MenuOptions> {
public:
    /// A menu with this prompt.
    explicit Menu(Prompt prompt) { options_.prompt = std::move(prompt); }

    // --- choices; std::invalid_argument for one that is there already ---

    /// Ends the menu: Chosen::keys says what was chosen.
    Menu& on(KeyPattern keys);
    /// Runs a handler: `awaitable<void>(AGI&)`, `(AGI&, std::string keys)` or
    /// `(AGI&, const Request&)`. The menu ends with it. A handler that returns `awaitable<Next>`
    /// says how it goes on. `label` is for to_text() and to_svg().
    template <detail::MenuHandler F>
    Menu& on(KeyPattern keys, F handler, std::string label = "") {
        return add(std::move(keys), detail::make_target(std::move(handler)), std::move(label));
    }
    /// Goes on to another menu, as it is now.
    Menu& on(KeyPattern keys, Menu menu, std::string label = "");
    /// The same as on(), in this menu and in all below it that have no such choice themselves.
    template <detail::MenuHandler F>
    Menu& everywhere(KeyPattern keys, F handler, std::string label = "") {
        on(std::move(keys), std::move(handler), std::move(label));
        options_.choices.back().everywhere = true;
        return *this;
    }
    /// Goes back to the menu before; in the outermost one, ends with AnswerEnd::cancelled.
    Menu& back(KeyPattern keys);
    /// Plays this menu again; it costs no try.
    Menu& repeat(KeyPattern keys);
    /// Goes back to the outermost menu.
    Menu& top(KeyPattern keys);
    /// Runs a handler, as for on(), when no try is left; also in the menus below, unless they have
    /// one themselves.
    template <detail::MenuHandler F>
    Menu& otherwise(F handler, std::string label = "") {
        options_.otherwise = detail::make_target(std::move(handler));
        options_.otherwise_label = std::move(label);
        return *this;
    }

    /// Plays the menu until a choice ends it, or no try is left.
    ///
    /// Lifetime: works on a copy of this object, made at once; `request` must outlive it.
    /// Throws: when awaited, what the handlers throw; AGIAppError for a missing sound file;
    /// AGIHangup; std::logic_error when a handler wants the request and there is none.
    /// Cancellation: as for AGI::execute.
    [[nodiscard]] asio::awaitable<Chosen> run(AGI& call) const;
    /// The same; `request` is passed on to what takes one.
    [[nodiscard]] asio::awaitable<Chosen> run(AGI& call, const Request& request) const;

private:
    Menu& add(KeyPattern keys, detail::Target target, std::string label);
    Menu& add(detail::MenuChoice choice);
};

/// The tree of a menu in lines of text: choices, prompts, and where they lead.
std::string to_text(const Menu& menu);
/// The same as a picture, one SVG document.
std::string to_svg(const Menu& menu);
/// The sound files of a menu and all menus below it, each once, in alphabetical order.
std::vector<std::string> sounds_of(const Menu& menu);

}  // namespace costrix::inline COSTRIX_ABI::agi
