// SPDX-License-Identifier: LGPL-2.1-or-later
// The picture that came with an original: a record's cover, a film's poster. Values only.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "src/base/result.h"

namespace butaca::media {

inline constexpr std::size_t cover_bytes_most = 16UL * 1024 * 1024;

struct Cover {
    std::string type;  // "image/jpeg", "image/png" or "image/webp", by its own first bytes
    std::string bytes; // as they were in the file

    // Takes what one of these begins as, and nothing else: it goes to browsers. `invalid_argument` otherwise,
    // or when it is too large.
    static Result<Cover> parse(std::string_view bytes);
};

} // namespace butaca::media
