// SPDX-License-Identifier: LGPL-2.1-or-later
// JSON as text, straight into one string.
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include <glib.h>

#include "src/base/json.h"

namespace butaca::json {

namespace {

template <typename T> void append_number(std::string &out, T number)
{
    std::array<char, 32> digits{};
    out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

void append_ascii(std::string &out, char c)
{
    constexpr std::string_view hex = "0123456789abcdef";
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
        out += '\\';
        out += c;
    } else if (c == '\n') {
        out += "\\n";
    } else if (byte == 0) {
        out += "\uFFFD"; // our own check() refuses \u0000, and so does PostgreSQL
    } else if (byte < 0x20) {
        out += "\\u00";
        out += hex[byte >> 4];
        out += hex[byte & 15];
    } else {
        out += c;
    }
}

void append_string(std::string &out, std::string_view text)
{
    out += '"';
    for (std::size_t i = 0; i < text.size();) {
        if (static_cast<unsigned char>(text[i]) < 0x80) {
            append_ascii(out, text[i++]);
            continue;
        }
        gunichar c = g_utf8_get_char_validated(text.data() + i, static_cast<gssize>(text.size() - i));
        if (c == static_cast<gunichar>(-1) || c == static_cast<gunichar>(-2)) {
            out += "\uFFFD";
            ++i;
            continue;
        }
        auto length = static_cast<std::size_t>(g_unichar_to_utf8(c, nullptr));
        out += text.substr(i, length);
        i += length;
    }
    out += '"';
}

} // namespace

// Writes the comma, where one is due, and checks that a value may stand here.
void Writer::begin_value()
{
    if (open_.empty()) {
        g_assert(text_.empty());
        return;
    }
    g_assert(!open_.back().object || after_key_);
    if (!after_key_ && open_.back().has_content)
        text_ += ',';
    open_.back().has_content = true;
    after_key_ = false;
}

void Writer::end(bool object, char bracket)
{
    g_assert(!open_.empty() && open_.back().object == object && !after_key_);
    open_.pop_back();
    text_ += bracket;
}

Writer &Writer::begin_object()
{
    begin_value();
    open_.push_back({true});
    text_ += '{';
    return *this;
}

Writer &Writer::end_object()
{
    end(true, '}');
    return *this;
}

Writer &Writer::begin_array()
{
    begin_value();
    open_.push_back({false});
    text_ += '[';
    return *this;
}

Writer &Writer::end_array()
{
    end(false, ']');
    return *this;
}

Writer &Writer::key(std::string_view name)
{
    g_assert(!open_.empty() && open_.back().object && !after_key_);
    if (open_.back().has_content)
        text_ += ',';
    append_string(text_, name);
    text_ += ':';
    after_key_ = true;
    return *this;
}

Writer &Writer::value(std::string_view text)
{
    begin_value();
    append_string(text_, text);
    return *this;
}

Writer &Writer::value(bool flag) { return raw(flag ? "true" : "false"); }

Writer &Writer::value(double number)
{
    if (!std::isfinite(number))
        return null();
    begin_value();
    append_number(text_, number);
    return *this;
}

Writer &Writer::value(std::int64_t number)
{
    begin_value();
    append_number(text_, number);
    return *this;
}

Writer &Writer::value(std::uint64_t number)
{
    begin_value();
    append_number(text_, number);
    return *this;
}

Writer &Writer::null() { return raw("null"); }

Writer &Writer::raw(std::string_view document)
{
    g_assert(!document.empty());
    begin_value();
    text_ += document;
    return *this;
}

std::string Writer::take()
{
    g_assert(open_.empty() && !text_.empty());
    return std::exchange(text_, {});
}

} // namespace butaca::json
