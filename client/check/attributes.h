// SPDX-License-Identifier: LGPL-2.1-or-later
// Attribute lists of playlist tags (RFC 8216, 4.2). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace butaca::client::check {

struct Attribute {
    std::string name;
    std::string value; // without quotes
    bool quoted = false;
};

struct AttributeList {
    std::vector<Attribute> all; // in order, repeated names included
    // What follows the last attribute that could be read; empty when the whole list could.
    std::string unread;

    // The first of that name; null when there is none.
    const Attribute *find(std::string_view name) const;
    std::string_view value_or(std::string_view name, std::string_view fallback) const;
    bool is(std::string_view name, std::string_view value) const;
};

AttributeList parse_attributes(std::string_view text);

// The forms of values. Nothing when the text has another one.
struct Resolution {
    unsigned width = 0;
    unsigned height = 0;
};
std::optional<Resolution> parse_resolution(std::string_view text);
// Decimal, without sign and exponent (RFC 8216, 4.2).
std::optional<double> parse_decimal(std::string_view text);

struct ByteRange {
    std::uint64_t size_bytes = 0;
    std::optional<std::uint64_t> offset;
};
// "n[@o]" (RFC 8216, 4.3.2.2).
std::optional<ByteRange> parse_byte_range(std::string_view text);

} // namespace butaca::client::check
