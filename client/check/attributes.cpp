// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/check/attributes.h"

#include <algorithm>
#include <cstdint>

#include <glib.h>

#include "src/base/encoding.h"

namespace butaca::client::check {

namespace {

bool is_name_char(char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

} // namespace

const Attribute *AttributeList::find(std::string_view name) const
{
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Attribute &one) { return one.name == name; });
    return found == all.end() ? nullptr : &*found;
}

std::string_view AttributeList::value_or(std::string_view name, std::string_view fallback) const
{
    const Attribute *found = find(name);
    return found ? std::string_view(found->value) : fallback;
}

bool AttributeList::is(std::string_view name, std::string_view value) const
{
    return value_or(name, "") == value;
}

AttributeList parse_attributes(std::string_view text)
{
    AttributeList list;
    while (!text.empty()) {
        const auto name_size =
            static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_name_char) - text.begin());
        list.unread = text;
        if (name_size == 0 || name_size == text.size() || text[name_size] != '=')
            return list;
        Attribute one{std::string(text.substr(0, name_size)), {}, false};
        std::string_view rest = text.substr(name_size + 1);
        std::size_t value_end = 0;
        if (rest.starts_with('"')) {
            const std::size_t quote = rest.find('"', 1);
            if (quote == rest.npos)
                return list;
            one.quoted = true;
            one.value = rest.substr(1, quote - 1);
            value_end = quote + 1;
        } else {
            value_end = std::min(rest.find(','), rest.size());
            one.value = rest.substr(0, value_end);
            if (one.value.empty() || one.value.find_first_of("\" \t") != std::string::npos)
                return list;
        }
        if (value_end < rest.size() && (rest[value_end] != ',' || value_end + 1 == rest.size()))
            return list;
        list.all.push_back(std::move(one));
        text = rest.substr(std::min(value_end + 1, rest.size()));
    }
    list.unread.clear();
    return list;
}

std::optional<Resolution> parse_resolution(std::string_view text)
{
    const std::size_t x = text.find('x');
    if (x == text.npos)
        return std::nullopt;
    const auto width = to_integer<unsigned>(text.substr(0, x));
    const auto height = to_integer<unsigned>(text.substr(x + 1));
    if (!width || !height || *width == 0 || *height == 0)
        return std::nullopt;
    return Resolution{*width, *height};
}

std::optional<double> parse_decimal(std::string_view text)
{
    const bool plain =
        !text.empty() && text.size() <= 40 && is_digit(text.front()) &&
        std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || c == '.'; }) &&
        std::count(text.begin(), text.end(), '.') <= 1;
    if (!plain)
        return std::nullopt;
    return g_ascii_strtod(std::string(text).c_str(), nullptr);
}

std::optional<ByteRange> parse_byte_range(std::string_view text)
{
    const std::size_t at = text.find('@');
    const auto size = to_integer<std::uint64_t>(text.substr(0, at));
    // Half of the range of the type: sums of offset and size cannot overflow.
    constexpr std::uint64_t most = UINT64_MAX / 2;
    if (!size || *size == 0 || *size > most)
        return std::nullopt;
    ByteRange range{*size, std::nullopt};
    if (at != text.npos) {
        range.offset = to_integer<std::uint64_t>(text.substr(at + 1));
        if (!range.offset || *range.offset > most)
            return std::nullopt;
    }
    return range;
}

} // namespace butaca::client::check
