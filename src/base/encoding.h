// SPDX-License-Identifier: LGPL-2.1-or-later
// Bytes as text and numbers from text: hex, base64url (RFC 4648, 5, without padding), strict integers,
// percent encoding.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace butaca {

std::string to_hex(std::span<const std::uint8_t> bytes);
std::optional<std::string> from_hex(std::string_view text);

std::string to_base64url(std::string_view bytes);
// Nothing when there is any character outside the alphabet, or padding, or stray bits in the last character.
std::optional<std::string> from_base64url(std::string_view text);

// Percent-encodes everything but the unreserved characters of RFC 3986, 2.3.
std::string percent_encode(std::string_view text);

// The whole of `text` as a decimal integer: no sign unless T is signed, no blanks, no overflow.
template <typename T> std::optional<T> to_integer(std::string_view text)
{
    T value{};
    const char *end = text.data() + text.size();
    auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || stop != end || text.empty())
        return std::nullopt;
    return value;
}

// A count in its one way of writing: decimal digits, without sign and leading zeros.
inline std::optional<std::int64_t> to_count(std::string_view text)
{
    auto number = to_integer<std::int64_t>(text);
    return number && *number >= 0 && std::to_string(*number) == text ? number : std::nullopt;
}

// `bytes` random bytes, unguessable, as twice as many hex digits.
std::string random_hex(std::size_t bytes);

// SHA-256 of the bytes as 64 lower-case hex digits.
std::string sha256_hex(std::string_view bytes);

} // namespace butaca
