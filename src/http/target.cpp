// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/http/target.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include <glib.h>

#include "src/base/encoding.h"

namespace butaca::http {

namespace {

constexpr std::size_t query_names_most = 64;

int hex_digit(char c) { return g_ascii_xdigit_value(c); }

// Percent-decodes. Nothing when an escape is malformed, or decodes to a control character or to what is no
// UTF-8.
std::optional<std::string> decode(std::string_view text, bool plus_is_space)
{
    std::string plain;
    plain.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); i++) {
        char c = text[i];
        if (c == '+' && plus_is_space) {
            c = ' ';
        } else if (c == '%') {
            if (i + 2 >= text.size() || hex_digit(text[i + 1]) < 0 || hex_digit(text[i + 2]) < 0)
                return std::nullopt;
            c = static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        }
        plain += c;
    }
    const bool has_nul = plain.find('\0') != std::string::npos;
    if (has_nul || !g_utf8_validate(plain.data(), static_cast<gssize>(plain.size()), nullptr))
        return std::nullopt;
    return plain;
}

Parsed<std::string> decode_path(std::string_view raw)
{
    std::string path;
    while (!raw.empty()) {
        raw.remove_prefix(1); // the slash
        const std::size_t end = std::min(raw.find('/'), raw.size());
        auto segment = decode(raw.substr(0, end), false);
        if (!segment)
            return refuse(400, "the path holds a malformed percent encoding");
        if (*segment == "." || *segment == "..")
            return refuse(400, "the path holds a dot segment");
        for (const char c : *segment) {
            const auto byte = static_cast<unsigned char>(c);
            if (c == '/' || c == '\\' || byte < 0x20 || byte == 0x7f)
                return refuse(400, "the path holds an encoded slash, backslash or control character");
        }
        path += '/';
        path += *segment;
        raw.remove_prefix(end);
    }
    return path;
}

tl::expected<void, Refusal> decode_query(std::string_view raw, Target &target)
{
    while (!raw.empty()) {
        const std::size_t end = std::min(raw.find('&'), raw.size());
        const std::string_view pair = raw.substr(0, end);
        raw.remove_prefix(std::min(end + 1, raw.size()));
        if (pair.empty())
            continue;
        const std::size_t equals = std::min(pair.find('='), pair.size());
        auto name = decode(pair.substr(0, equals), true);
        auto value = decode(pair.substr(std::min(equals + 1, pair.size())), true);
        if (!name || !value || name->empty())
            return refuse(400, "the query holds a malformed percent encoding or an empty name");
        if (target.query.size() == query_names_most)
            return refuse(400, "the query holds too many names");
        if (!target.query.emplace(std::move(*name), std::move(*value)).second)
            return refuse(400, "the query repeats a name");
    }
    return {};
}

bool is_host_character(char c) { return g_ascii_isalnum(c) || c == '.' || c == '-' || c == '_'; }

} // namespace

bool is_authority(std::string_view text)
{
    std::string_view rest;
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos || end < 3)
            return false;
        const std::string_view address = text.substr(1, end - 1);
        rest = text.substr(end + 1);
        if (!std::all_of(address.begin(), address.end(),
                         [](char c) { return g_ascii_isxdigit(c) || c == ':' || c == '.'; }))
            return false;
    } else {
        const std::size_t end = std::min(text.find(':'), text.size());
        const std::string_view name = text.substr(0, end);
        rest = text.substr(end);
        if (name.empty() || name.size() > 253 || !std::all_of(name.begin(), name.end(), is_host_character))
            return false;
    }
    return rest.empty() || (rest[0] == ':' && to_integer<std::uint16_t>(rest.substr(1)).has_value());
}

Parsed<Target> parse_target(std::string_view text)
{
    Target target;
    if (text == "*") {
        target.path = "*";
        return target;
    }
    for (const char c : text) {
        if (c <= ' ' || c >= 0x7f || c == '#' || c == '\\')
            return refuse(400, "the request target holds a character that must be percent-encoded");
    }
    if (g_ascii_strncasecmp(text.data(), "http://", std::min<std::size_t>(text.size(), 7)) == 0 &&
        text.size() > 7) {
        text.remove_prefix(7);
        const std::size_t end = std::min(text.find_first_of("/?"), text.size());
        target.authority = text.substr(0, end);
        text.remove_prefix(end);
        if (!is_authority(target.authority))
            return refuse(400, "the request target's host is malformed");
    } else if (!text.starts_with('/')) {
        return refuse(400, "the request target is no absolute path");
    }
    const std::size_t question = std::min(text.find('?'), text.size());
    auto path = decode_path(text.substr(0, question));
    if (!path)
        return tl::make_unexpected(path.error());
    target.path = path->empty() ? "/" : std::move(*path);
    if (auto decoded = decode_query(text.substr(std::min(question + 1, text.size())), target); !decoded)
        return tl::make_unexpected(decoded.error());
    return target;
}

} // namespace butaca::http
