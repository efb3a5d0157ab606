// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether and when one read is tried again after a failure. Pure but for the jitter; not thread-safe.
#pragma once

#include <optional>

#include "src/base/result.h"

namespace butaca::source {

class Retry {
public:
    // `attempts`: how often in all, over all replicas. `backoff_ms`: the wait after the first round in which
    // every replica failed once; it doubles with each round, up to 5 s. Another replica is tried at once.
    Retry(unsigned attempts, unsigned backoff_ms, unsigned replicas);

    // Called after a failure: how many milliseconds to wait before the next attempt (on the next replica), or
    // nothing to give up. Only `unavailable` and `timeout` are tried again; `unsupported` (an origin that
    // breaks the protocol) is tried on each replica once. A Retry-After (RFC 9110, 10.2.3) is respected up to
    // 10 s, and only when no other replica is left to try.
    std::optional<unsigned> failed(const Error &error);

    // Called when an attempt brought enough bytes to call the origin alive: the count starts anew.
    void progressed();

private:
    unsigned attempts_;
    unsigned backoff_ms_;
    unsigned replicas_;
    unsigned failures_ = 0;
    unsigned refusals_ = 0; // `unsupported` answers
    unsigned in_round_ = 0; // replicas that failed since the last wait
    unsigned rounds_ = 0;
};

} // namespace butaca::source
