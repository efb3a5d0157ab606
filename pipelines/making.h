// SPDX-License-Identifier: LGPL-2.1-or-later
// What is worth knowing of a finished segment besides its bytes.
#pragma once

#include <cstdint>

namespace butaca::pipelines {

struct MakingNotes {
    std::uint64_t frames_filled = 0; // video frames that a damaged source did not give
};

} // namespace butaca::pipelines
