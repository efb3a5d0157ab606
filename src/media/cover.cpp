// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/media/cover.h"

namespace butaca::media {

Result<Cover> Cover::parse(std::string_view bytes)
{
    std::string type;
    if (bytes.starts_with("\xff\xd8\xff"))
        type = "image/jpeg";
    else if (bytes.starts_with("\x89PNG\r\n\x1a\n"))
        type = "image/png";
    else if (bytes.starts_with("RIFF") && bytes.size() > 12 && bytes.substr(8, 4) == "WEBP")
        type = "image/webp";
    if (type.empty() || bytes.size() > cover_bytes_most)
        return fail(ErrorCode::invalid_argument, "this is no picture that can be shown");
    return Cover{std::move(type), std::string(bytes)};
}

} // namespace butaca::media
