// SPDX-License-Identifier: LGPL-2.1-or-later
// The scalers to choose from, each set up as videotranscode would use it, on one thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bench/picture_quality.h"

namespace butaca::bench {

using Scale = std::function<void(const Picture &, Picture &)>;
struct Candidate {
    std::string name;
    Scale scale;
};

// All of them, for pictures of the size of `from` into the size of `to`. Their state is never freed.
std::vector<Candidate> candidates(const Picture &from, const Picture &to);

} // namespace butaca::bench
