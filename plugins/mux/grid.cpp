// SPDX-License-Identifier: LGPL-2.1-or-later
// Checks a grid once, then places samples on it.
#include "plugins/mux/grid.h"

#include <algorithm>
#include <string>

namespace butaca::mux {
namespace {

// Far above any segment; keeps hostile input from asking for the machine's memory.
constexpr std::size_t most_samples = 1000000;
// Keeps every offset and duration inside trun's 32 bits, and tfdt far from overflow.
constexpr std::int64_t most_ticks_per_segment = std::int64_t{1} << 30;
constexpr std::int64_t last_tick = std::int64_t{1} << 62;

Status check(const std::vector<std::int64_t> &times)
{
    if (times.size() < 2)
        return fail(ErrorCode::invalid_argument, "sample times need one sample and the end at least");
    if (times.size() - 1 > most_samples)
        return fail(ErrorCode::invalid_argument, "a segment has more than a million samples");
    if (times.front() < 0 || times.back() > last_tick)
        return fail(ErrorCode::invalid_argument, "sample times lie outside the timeline");
    const auto fall = std::ranges::adjacent_find(times, std::greater_equal<>());
    if (fall != times.end())
        return fail(ErrorCode::invalid_argument,
                    "two samples share a time, or times do not rise, at tick " + std::to_string(*fall));
    if (times.back() - times.front() > most_ticks_per_segment)
        return fail(ErrorCode::invalid_argument, "a segment is longer than 2^30 ticks");
    return {};
}

Result<std::vector<std::int64_t>> numbers(std::span<const std::uint8_t> bytes)
{
    if (bytes.size() % 8 != 0)
        return fail(ErrorCode::invalid_argument, "sample times are not a list of 64-bit numbers");
    if (bytes.size() / 8 > most_samples + 1)
        return fail(ErrorCode::invalid_argument, "a segment has more than a million samples");
    std::vector<std::int64_t> times;
    times.reserve(bytes.size() / 8);
    for (std::size_t at = 0; at < bytes.size(); at += 8) {
        std::uint64_t value = 0;
        for (std::size_t i = 8; i > 0; i--)
            value = value << 8 | bytes[at + i - 1];
        times.push_back(static_cast<std::int64_t>(value));
    }
    return times;
}

} // namespace

Result<Grid> Grid::from_times(std::vector<std::int64_t> times, std::vector<std::int64_t> decode_times)
{
    if (auto sound = check(times); !sound)
        return fail(std::move(sound.error()));
    if (!decode_times.empty()) {
        if (decode_times.size() != times.size())
            return fail(ErrorCode::invalid_argument, "there are not as many decode times as sample times");
        if (auto sound = check(decode_times); !sound)
            return fail(std::move(sound.error()));
    }
    return Grid(std::move(times), std::move(decode_times));
}

Result<Grid> Grid::from_bytes(std::span<const std::uint8_t> bytes, std::span<const std::uint8_t> decode_bytes)
{
    auto times = numbers(bytes);
    if (!times)
        return fail(std::move(times.error()));
    auto decode_times = numbers(decode_bytes);
    if (!decode_times)
        return fail(std::move(decode_times.error()));
    return from_times(std::move(*times), std::move(*decode_times));
}

Result<SampleTime> Grid::place(std::int64_t presentation)
{
    if (complete())
        return fail(ErrorCode::invalid_argument, "a sample at tick " + std::to_string(presentation) +
                                                     " comes after the segment was complete");
    const auto last = times_.end() - 1;
    const auto found = std::lower_bound(times_.begin(), last, presentation);
    if (found == last || *found != presentation)
        return fail(ErrorCode::invalid_argument,
                    "a sample at tick " + std::to_string(presentation) + " is not on the segment's grid");
    const auto index = static_cast<std::size_t>(found - times_.begin());
    if (taken_[index])
        return fail(ErrorCode::invalid_argument, "two samples at tick " + std::to_string(presentation));
    const auto &decode = decode_times();
    const std::size_t j = placed_;
    if (!given_decode_times_.empty() && presentation < decode[j])
        return fail(ErrorCode::invalid_argument, "the sample at tick " + std::to_string(presentation) +
                                                     " would be shown before it is decoded");
    taken_[index] = true;
    placed_++;
    return SampleTime{decode[j], static_cast<std::uint32_t>(decode[j + 1] - decode[j]),
                      static_cast<std::int32_t>(presentation - decode[j])};
}

Result<SampleTime> Grid::place_next()
{
    if (complete())
        return fail(ErrorCode::invalid_argument, "more samples than the segment's grid has");
    return place(times_[placed_]);
}

std::int64_t Grid::first_missing() const
{
    const auto found = std::ranges::find(taken_, false);
    return times_[static_cast<std::size_t>(found - taken_.begin())];
}

} // namespace butaca::mux
