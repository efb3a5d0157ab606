// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/http/compression.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace butaca::http {

namespace {

// Less than a packet is sent no sooner for being smaller; but Apple wants playlists of any size so (10.1).
constexpr std::size_t least_bytes = 128;
constexpr std::size_t most_bytes = 1024UL * 1024;
constexpr std::array<std::string_view, 5> types = {"application/vnd.apple.mpegurl", "application/dash+xml",
                                                   "text/vtt", "application/json", "application/xspf+xml"};
// zlib's usual one: higher ones take playlists no further.
constexpr int level = 6;

std::string_view trimmed(std::string_view text)
{
    auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && is_blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back()))
        text.remove_suffix(1);
    return text;
}

bool is_word(std::string_view text, std::string_view word)
{
    return std::equal(text.begin(), text.end(), word.begin(), word.end(),
                      [](unsigned char a, unsigned char b) { return std::tolower(a) == b; });
}

// "q=0", "q=0.000": never.
bool is_refusal(std::string_view parameter)
{
    parameter = trimmed(parameter);
    if (parameter.size() < 3 || std::tolower(static_cast<unsigned char>(parameter[0])) != 'q' ||
        parameter[1] != '=')
        return false;
    return parameter.substr(2).find_first_not_of("0.") == std::string_view::npos;
}

bool is_text(std::string_view type)
{
    type = trimmed(type.substr(0, type.find(';')));
    return std::find(types.begin(), types.end(), type) != types.end();
}

// Null when it did not become smaller.
Owned<GBytes> gzip(GBytes *body)
{
    auto converter = adopt(G_CONVERTER(g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP, level)));
    gsize size = 0;
    const auto *bytes = static_cast<const char *>(g_bytes_get_data(body, &size));
    std::string out(size, '\0');
    gsize read = 0;
    gsize written = 0;
    Owned<GError> error;
    auto result = g_converter_convert(converter.get(), bytes, size, out.data(), out.size(),
                                      G_CONVERTER_INPUT_AT_END, &read, &written, Out(error));
    if (result != G_CONVERTER_FINISHED)
        return nullptr;
    return adopt(g_bytes_new(out.data(), written));
}

} // namespace

bool accepts_gzip(std::string_view accept_encoding)
{
    bool any = false;
    while (!accept_encoding.empty()) {
        auto comma = std::min(accept_encoding.find(','), accept_encoding.size());
        auto item = accept_encoding.substr(0, comma);
        accept_encoding.remove_prefix(std::min(comma + 1, accept_encoding.size()));
        auto semicolon = std::min(item.find(';'), item.size());
        auto name = trimmed(item.substr(0, semicolon));
        bool refused = semicolon < item.size() && is_refusal(item.substr(semicolon + 1));
        if (is_word(name, "gzip") || is_word(name, "x-gzip"))
            return !refused;
        any = any || (name == "*" && !refused);
    }
    return any;
}

void compress(Response &response, const Request &request)
{
    if (!response.bytes || response.headers.get("Content-Encoding") ||
        response.headers.get("Content-Range") || response.headers.get("ETag") ||
        !is_text(response.headers.get("Content-Type").value_or("")))
        return;
    response.headers.add("Vary", "Accept-Encoding");
    const std::size_t size = g_bytes_get_size(response.bytes.get());
    if (size < least_bytes || size > most_bytes ||
        !accepts_gzip(request.headers.get("Accept-Encoding").value_or("")))
        return;
    auto smaller = gzip(response.bytes.get());
    if (!smaller)
        return;
    response.bytes = share_bytes(std::move(smaller));
    response.headers.set("Content-Encoding", "gzip");
}

} // namespace butaca::http
