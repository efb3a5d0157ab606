// SPDX-License-Identifier: LGPL-2.1-or-later
// Exact conversions between nanoseconds, ticks and samples. Pure.
#pragma once

#include <cstdint>

namespace butaca::pipelines {

inline constexpr std::int64_t second_ns = 1'000'000'000;

// value * num / den, rounded to nearest, halves away from zero, without overflow on the way.
std::int64_t scale_round(std::int64_t value, std::int64_t num, std::int64_t den);

inline std::int64_t ns_from(std::int64_t ticks, std::int64_t per_second)
{
    return scale_round(ticks, second_ns, per_second);
}
inline std::int64_t ticks_from(std::int64_t ns, std::int64_t per_second)
{
    return scale_round(ns, per_second, second_ns);
}

} // namespace butaca::pipelines
