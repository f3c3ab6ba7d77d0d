// SPDX-License-Identifier: MIT
// What public coroutines take is sound in a co_await expression under GCC 12, and what they give
// can be awaited with whatever completion token: Asio makes a value of it when they throw.
#include "support/all_actions.hpp"

#include <costrix/agi.hpp>
#include <costrix/asio.hpp>
#include <costrix/testing/place_call.hpp>
#include <costrix/testing/run_program.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <type_traits>

namespace costrix {
namespace {

template <class T>
inline constexpr bool kSound =
    !std::is_aggregate_v<std::remove_cvref_t<T>> || std::is_trivially_destructible_v<T>;
template <class T>
inline constexpr bool kGiven = std::is_void_v<T> || std::is_default_constructible_v<T>;

template <class F>
struct Coroutine;
template <class R, class... Parameters>
struct Coroutine<asio::awaitable<R>(Parameters...)> {
    static constexpr bool sound = (kSound<Parameters> && ...) && kGiven<R>;
};

template <class F>
constexpr bool is_sound(F*) {
    return Coroutine<F>::sound;
}

static_assert(is_sound(testing::place_call));
static_assert(is_sound(testing::run_program));
// open_audio() is overloaded.
template <class... Parameters>
using OpenAudio = asio::awaitable<agi::AudioStream>(agi::AGI&, Parameters...);
static_assert(is_sound<OpenAudio<const agi::AudioOptions&>>(agi::open_audio));
static_assert(is_sound<OpenAudio<std::chrono::milliseconds>>(agi::open_audio));

template <class... Actions>
struct All {
    static constexpr bool sound = ((kSound<Actions> && kGiven<agi::ResultOf<Actions>>)&&...);
};
static_assert(test::WithAllActions<All>::sound);
static_assert(kGiven<agi::Reply>);

TEST(AudioStream, OfNoCallHasEnded) {
    agi::AudioStream none;
    EXPECT_EQ(none.format().sample_rate(), 8000U);
    EXPECT_EQ(none.overruns(), 0U);
    asio::io_context context;
    auto frame = asio::co_spawn(context, none.read(), asio::use_future);
    agi::AudioFrame own;
    auto taken = asio::co_spawn(context, none.read(own), asio::use_future);
    context.run();
    EXPECT_FALSE(frame.get());
    EXPECT_FALSE(taken.get());
    none.close();
}

}  // namespace
}  // namespace costrix
