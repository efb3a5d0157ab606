// SPDX-License-Identifier: LGPL-2.1-or-later
// Languages as tags (BCP 47), and what people call them.
#pragma once

#include <string>
#include <string_view>

namespace butaca::media {

// Whether a track in `offered` serves who asked for `wanted`: the same tag, or one that says more ("es-419"
// for "es"). Letters' case does not matter (RFC 5646, 2.1.1).
bool serves(std::string_view offered, std::string_view wanted);

// The language's own name ("Español", "日本語") where we know it, else nothing. The region is not told.
std::string own_language_name(std::string_view tag);

} // namespace butaca::media
