// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/objects/object_name.h"

#include "src/base/encoding.h"
#include "src/base/gobject.h"

namespace butaca::objects {

namespace {

// The name of a file ends at 255 bytes on all usual filesystems: a key that is all percent signs has 3 x 70.
constexpr std::size_t encoded_key_most = 210;

// percent_encode() leaves "." as it is, which our names are divided by.
std::string encode(std::string_view key)
{
    std::string encoded;
    for (char c : percent_encode(key))
        c == '.' ? encoded += "%2E" : encoded += c;
    return encoded;
}

} // namespace

bool is_key(std::string_view key)
{
    return !key.empty() && key.size() <= 120 && encode(key).size() <= encoded_key_most;
}

std::string folder_name(std::string_view key) { return sha256_hex(key).substr(0, 2); }

std::string file_name(const ObjectName &name)
{
    return encode(name.key) + "." + std::to_string(name.size_bytes) + "." + std::to_string(name.cost_ms);
}

std::optional<ObjectName> parse_file_name(std::string_view text)
{
    std::size_t second = text.rfind('.');
    if (second == std::string_view::npos || second == 0)
        return std::nullopt;
    std::size_t first = text.rfind('.', second - 1);
    if (first == std::string_view::npos)
        return std::nullopt;
    auto size = to_integer<std::uint64_t>(text.substr(first + 1, second - first - 1));
    auto cost = to_integer<std::uint64_t>(text.substr(second + 1));
    Owned<char> key = adopt(g_uri_unescape_segment(text.data(), text.data() + first, nullptr));
    if (!size || !cost || !key)
        return std::nullopt;
    ObjectName name{key.get(), *size, *cost};
    // Only what we would write ourselves, or one object could have two names.
    if (!is_key(name.key) || file_name(name) != text)
        return std::nullopt;
    return name;
}

} // namespace butaca::objects
