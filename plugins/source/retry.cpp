// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/source/retry.h"

#include <algorithm>

#include <glib.h>

namespace butaca::source {
namespace {

constexpr unsigned max_backoff_ms = 5000;
constexpr unsigned max_retry_after_s = 10;

// Half fixed, half random: viewers that lost the same origin at the same moment do not come back as one.
unsigned with_jitter(unsigned wait_ms)
{
    return wait_ms / 2 + static_cast<unsigned>(g_random_int_range(0, static_cast<int>(wait_ms / 2 + 1)));
}

} // namespace

Retry::Retry(unsigned attempts, unsigned backoff_ms, unsigned replicas)
    : attempts_(std::max(1u, attempts)), backoff_ms_(backoff_ms), replicas_(std::max(1u, replicas))
{
}

std::optional<unsigned> Retry::failed(const Error &error)
{
    if (error.code == ErrorCode::unsupported) {
        if (++refusals_ >= replicas_)
            return std::nullopt;
    } else if (error.code != ErrorCode::unavailable && error.code != ErrorCode::timeout) {
        return std::nullopt;
    }
    if (++failures_ >= attempts_)
        return std::nullopt;
    if (++in_round_ < replicas_)
        return 0;
    in_round_ = 0;
    unsigned doublings = std::min(rounds_++, 16u);
    auto wait_ms = static_cast<unsigned>(
        std::min<guint64>(static_cast<guint64>(backoff_ms_) << doublings, max_backoff_ms));
    return std::max(with_jitter(wait_ms), std::min(error.retry_after_s, max_retry_after_s) * 1000);
}

void Retry::progressed()
{
    failures_ = 0;
    refusals_ = 0;
    in_round_ = 0;
    rounds_ = 0;
}

} // namespace butaca::source
