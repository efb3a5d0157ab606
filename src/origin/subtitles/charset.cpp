// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/subtitles/charset.h"

#include <algorithm>
#include <memory>

#include <glib.h>
#include <uchardet/uchardet.h>

#include "src/base/gobject.h"

namespace butaca::origin {

namespace {

constexpr std::size_t looked_at_bytes = 64UL * 1024;

// U+FFFD for what is no character of the encoding; nothing when there is no such encoding.
std::string converted(std::string_view bytes, const char *charset)
{
    gsize written = 0;
    // With a fallback g_convert() goes on over characters that UTF-8 lacks, but not over broken input.
    auto whole = adopt(g_convert(bytes.data(), static_cast<gssize>(bytes.size()), "UTF-8", charset, nullptr,
                                 &written, nullptr));
    if (whole)
        return {whole.get(), written};
    std::string out;
    while (!bytes.empty()) {
        gsize read = 0;
        auto part = adopt(g_convert(bytes.data(), static_cast<gssize>(bytes.size()), "UTF-8", charset, &read,
                                    &written, nullptr));
        if (part) {
            out.append(part.get(), written);
            break;
        }
        // `read` tells where the first broken byte is.
        read = std::min<gsize>(read, bytes.size());
        if (read > 0)
            if (auto good = adopt(g_convert(bytes.data(), static_cast<gssize>(read), "UTF-8", charset,
                                            nullptr, &written, nullptr)))
                out.append(good.get(), written);
        out += "\uFFFD";
        bytes.remove_prefix(std::min(bytes.size(), read + 1));
    }
    return out;
}

bool is_utf8(std::string_view bytes) { return g_utf8_validate_len(bytes.data(), bytes.size(), nullptr); }

// UTF-16 without a mark, in a script whose characters mostly have a high byte of 0.
const char *utf16_of(std::string_view bytes)
{
    constexpr std::size_t least_bytes = 16; // less tells nothing
    auto looked_at = bytes.substr(0, looked_at_bytes);
    if (looked_at.size() < least_bytes)
        return nullptr;
    std::size_t even = 0;
    std::size_t odd = 0;
    for (std::size_t i = 0; i < looked_at.size(); i++)
        if (looked_at[i] == 0)
            (i % 2 == 0 ? even : odd)++;
    std::size_t mostly = looked_at.size() / 4;
    if (odd > mostly && even * 8 < odd)
        return "UTF-16LE";
    return even > mostly && odd * 8 < even ? "UTF-16BE" : nullptr;
}

std::string guessed(std::string_view bytes)
{
    struct Delete {
        void operator()(uchardet *detector) const noexcept { uchardet_delete(detector); }
    };
    std::unique_ptr<uchardet, Delete> detector(uchardet_new());
    auto looked_at = bytes.substr(0, looked_at_bytes);
    std::string charset;
    if (uchardet_handle_data(detector.get(), looked_at.data(), looked_at.size()) == 0) {
        uchardet_data_end(detector.get());
        charset = uchardet_get_charset(detector.get());
    }
    // ISO 8859-1 is hardly ever meant: where the two differ, Windows has its quotes and dashes. Nor are the
    // encodings of old Macs, which short Western texts are taken for.
    if (charset.empty() || charset.starts_with("MAC") || charset == "ASCII" || charset == "UTF-8" ||
        charset == "ISO-8859-1")
        charset = "WINDOWS-1252";
    std::string text = converted(bytes, charset.c_str());
    return text.empty() ? converted(bytes, "WINDOWS-1252") : text;
}

} // namespace

std::string to_utf8(std::string_view bytes)
{
    std::string text;
    if (bytes.starts_with("\xef\xbb\xbf"))
        text = bytes.substr(3);
    else if (bytes.starts_with("\xff\xfe"))
        text = converted(bytes.substr(2), "UTF-16LE");
    else if (bytes.starts_with("\xfe\xff"))
        text = converted(bytes.substr(2), "UTF-16BE");
    else if (const char *charset = utf16_of(bytes))
        text = converted(bytes, charset);
    else
        text = bytes;
    std::replace(text.begin(), text.end(), '\0', ' ');
    return is_utf8(text) ? text : guessed(text);
}

} // namespace butaca::origin
